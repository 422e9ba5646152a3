# Packages and units, in roots of their own: as root, with mmdebstrap and runc.
# DEPLOY='units packages': only these parts.
DEPLOY = $(patsubst tests/deploy/%.t,%,$(wildcard tests/deploy/*.t))
check-deploy: all
	@scripts/install-deps deploy
	@tests/deploy/run $(B) $(DEPLOY:%=tests/deploy/%.t)
