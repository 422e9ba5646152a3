# deploy.mk - v2m in a Kubernetes cluster
#
#	make deploy		all of it, and wait until it serves
#	make gateway-deploy	one part of it
#	make rollback		back to the version before, and wait
#	make undeploy		take it away, but for volumes and secrets
#
#	OVERLAY=minikube	which of scripts/kubernetes/overlays
#	IMAGE=HOST/v2m@sha256:N	instead of v2m:latest
#	DRY_RUN=1		print the commands, and run none
#	KUBECTL=kubectl
#
# scripts/kubernetes/README.md begins with an empty cluster.

OVERLAY ?= minikube
KUBECTL ?= kubectl
DRY_RUN ?=
IMAGE ?=
KUBE_DIR = scripts/kubernetes/overlays/$(OVERLAY)
KUBE_NS = $(KUBECTL) -n v2m
KUBE_WAIT = --timeout=10m
KUBE_KINDS = $\
	deployment,statefulset,service,job,cronjob,ingress,$\
	horizontalpodautoscaler,poddisruptionbudget,networkpolicy
# Those that the overlay brings with it.
KUBE_SERVICES = $(if $(filter minikube,$(OVERLAY)),$\
	mysql-setup mongo-setup rabbitmq-deploy)

# One command, or with DRY_RUN its text.
kube = $(if $(DRY_RUN),@printf '%s\n' '$(subst ','\'',$(strip $(1)))',$(1))
comma = ,

kube_all = $(KUBECTL) kustomize $(KUBE_DIR) | \
	$(if $(IMAGE),sed 's|image: v2m:latest$$|image: $(IMAGE)|' |) \
	$(KUBECTL) apply
# The parts that are named.
kube_apply = $(call kube,$(kube_all) \
	-l 'app.kubernetes.io/component in ($(1))' -f -)
kube_ready = $(call kube,$(KUBE_NS) rollout status $(KUBE_WAIT) $(1))

.PHONY: deploy rollback undeploy secrets-setup mysql-setup mongo-setup \
	rabbitmq-deploy init-deploy gateway-deploy auth-deploy \
	converter-deploy notif-deploy

deploy: secrets-setup $(KUBE_SERVICES) init-deploy
	$(call kube,$(kube_all) -f -)
	$(call kube_ready,deployment/gateway)
	$(call kube_ready,deployment/converter)
	$(call kube_ready,deployment/notification)

# Tables stay as they are: a version that needed others says so.
rollback:
	$(call kube,$(KUBE_NS) rollout undo \
		deployment/gateway deployment/converter deployment/notification)
	$(call kube_ready,deployment/gateway)
	$(call kube_ready,deployment/converter)
	$(call kube_ready,deployment/notification)

# Volumes and secrets stay: they are what users would miss.
undeploy:
	$(call kube,$(KUBE_NS) delete $(KUBE_KINDS) \
		-l app.kubernetes.io/part-of=v2m --ignore-not-found)

secrets-setup:
	$(call kube,KUBECTL='$(KUBECTL)' scripts/kubernetes/secrets)

# The tables of accounts are made by init-deploy, as is all else.
mysql-setup: secrets-setup
	$(call kube_apply,common$(comma)mysql)
	$(call kube_ready,statefulset/mysql)

mongo-setup: secrets-setup
	$(call kube_apply,common$(comma)mongodb)
	$(call kube_ready,statefulset/mongodb)

rabbitmq-deploy: secrets-setup
	$(call kube_apply,common$(comma)rabbitmq)
	$(call kube_ready,statefulset/rabbitmq)

init-deploy: secrets-setup
	$(call kube,$(KUBE_NS) delete job init --ignore-not-found)
	$(call kube_apply,common$(comma)init)
	$(call kube,$(KUBE_NS) wait --for=condition=complete --timeout=10m \
		job/init)

gateway-deploy: secrets-setup
	$(call kube_apply,common$(comma)gateway)
	$(call kube_ready,deployment/gateway)

# The gateway logs people in: there is no service of its own for that.
auth-deploy: gateway-deploy

converter-deploy: secrets-setup
	$(call kube_apply,common$(comma)converter)
	$(call kube_ready,deployment/converter)

notif-deploy: secrets-setup
	$(call kube_apply,common$(comma)notification)
	$(call kube_ready,deployment/notification)
