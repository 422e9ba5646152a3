# Modules: each a folder with a library of its own, loaded when first used.
# Those whose library is missing are left out, and so is what WITHOUT names:
# mongodb, ...
token-jwt_DIR = lib/auth/jwt
token-jwt_PKGS = libjwt jansson
users-mysql_DIR = lib/auth/mysql
# MariaDB's client library, or else MySQL's own.
users-mysql_PKGS = $(if $(shell $(PKG_CONFIG) --exists libmariadb && echo \
	yes),libmariadb,$(if $(shell $(PKG_CONFIG) --exists mysqlclient && \
	echo yes),mysqlclient,libmariadb))
store-mongodb_DIR = lib/store/mongodb
store-mongodb_PKGS = libmongoc-1.0
# Objects on S3, records on DynamoDB.
store-aws_DIR = lib/store/aws
store-aws_PKGS = libcurl expat jansson nettle zlib
queue-amqp_DIR = lib/queue/amqp
queue-amqp_PKGS = librabbitmq
mail-smtp_DIR = lib/mail/smtp
mail-smtp_PKGS = libcurl
http-client_DIR = lib/http/curl
http-client_PKGS = libcurl
# The HTTP gateway, all of it.
gateway_DIR = lib/gateway
gateway_PKGS = libmicrohttpd gnutls jansson libarchive
DRIVERS = users-mysql store-mongodb store-aws queue-amqp mail-smtp \
	http-client gateway
UNKNOWN := $(filter-out $(DRIVERS) mysql mongodb amqp smtp client aws, \
	$(WITHOUT))
ifneq ($(UNKNOWN),)
$(error WITHOUT: no '$(UNKNOWN)' (there is mysql mongodb amqp smtp client aws \
	gateway))
endif
WANTED = $(filter-out $(WITHOUT:%=users-%) $(WITHOUT:%=store-%) \
	$(WITHOUT:%=queue-%) $(WITHOUT:%=mail-%) $(WITHOUT:%=http-%) \
	$(WITHOUT),$(DRIVERS))
MODULES := token-jwt $(foreach m,$(WANTED),$(if $(shell $(PKG_CONFIG) \
	--exists $($(m)_PKGS) && echo yes),$(m)))
LEFT_OUT := $(filter-out $(MODULES),$(DRIVERS))
MODULE_FILES = $(MODULES:%=$(B)/lib/v2m/%.so)

# The rule of a module: everything in its folder.
define MODULE_RULE
$(1)_OBJ = $(patsubst %.c,$(B)/obj/%.o,$(wildcard $($(1)_DIR)/*.c))
# has-libraries says what is missing.
$$($(1)_OBJ): ALL_CFLAGS += $(shell $(PKG_CONFIG) --silence-errors --cflags \
	$($(1)_PKGS))
$(B)/lib/v2m/$(1).so: $$($(1)_OBJ) $(LIB)
	$$(call say,LD,$$@)
	$$(Q)$(CC) $(ALL_LDFLAGS) -shared $(NO_GAPS) -Wl,-rpath,'$$$$ORIGIN' \
		-o $$@ $$($(1)_OBJ) -L$(B)/lib/v2m -lv2m \
		$$(shell $(PKG_CONFIG) --libs $($(1)_PKGS))
endef
$(foreach m,$(MODULES),$(eval $(call MODULE_RULE,$(m))))
