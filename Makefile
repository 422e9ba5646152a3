# v2m: GNU make and pkg-config, nothing heavier.
#
#   make            build everything into build/
#   make demo       install what is missing, build, show the whole flow
#   make check      install what the tests need, run them all
#   make lint       warnings as errors, static checks, rules of our own
#   make install    PREFIX=/usr/local DESTDIR=
#
# SAN=1 builds with ASan and UBSan, SAN=thread with TSan, in folders of their
# own; DEV=1 adds -Werror and the strict set of warnings.

PREFIX ?= /usr/local
DESTDIR ?=
BINDIR = $(PREFIX)/bin
LIBDIR = $(PREFIX)/lib/v2m
LIBEXECDIR = $(PREFIX)/libexec/v2m
MANDIR = $(PREFIX)/share/man
DATADIR = $(PREFIX)/share/v2m
VERSION := $(shell sed -n 's/.*V2M_VERSION "\(.*\)"/\1/p' lib/base/version.h)

CC ?= cc
PKG_CONFIG ?= pkg-config
CFLAGS ?= -O2 -g
WARN = -Wall -Wextra
ifdef DEV
WARN += -Werror -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wwrite-strings -Wshadow -Wpointer-arith
endif

# V=1 shows the whole command lines.
Q = $(if $(V),,@)
say = $(if $(V),,@echo "  $(1)  $(patsubst $(B)/%,%,$(2))")

B = build
ifeq ($(SAN),1)
B = build-san
SANFLAGS = -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer
else ifdef SAN
B = build-$(SAN)
SANFLAGS = -fsanitize=$(SAN) -fno-omit-frame-pointer
endif

HARDEN = -fstack-protector-strong -D_FORTIFY_SOURCE=2
ifdef SAN
HARDEN =
endif

ALL_CFLAGS = -std=c17 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Ilib $(WARN) \
	-fPIC -fvisibility=default -pthread -MMD -MP $(HARDEN) $(SANFLAGS) \
	$(CFLAGS)
ALL_LDFLAGS = -pthread -Wl,--as-needed -Wl,-z,relro -Wl,-z,now $(SANFLAGS) \
	$(LDFLAGS)

# libv2m.so: what every command shares, embedded drivers included.
LIB_PKGS = sqlite3 jansson nettle libcrypt
LIB_LIBS = $(shell $(PKG_CONFIG) --libs $(LIB_PKGS))
LIB_SRC = $(filter-out lib/gateway/%.c lib/engine/%.c, $(wildcard lib/*/*.c))
LIB_OBJ = $(LIB_SRC:%.c=$(B)/obj/%.o)
LIB = $(B)/lib/v2m/libv2m.so

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
queue-amqp_DIR = lib/queue/amqp
queue-amqp_PKGS = librabbitmq
mail-smtp_DIR = lib/mail/smtp
mail-smtp_PKGS = libcurl
http-client_DIR = lib/http/curl
http-client_PKGS = libcurl
# The HTTP gateway, all of it.
gateway_DIR = lib/gateway
gateway_PKGS = libmicrohttpd gnutls jansson
DRIVERS = users-mysql store-mongodb queue-amqp mail-smtp http-client gateway
UNKNOWN := $(filter-out $(DRIVERS) mysql mongodb amqp smtp client seccomp, \
	$(WITHOUT))
ifneq ($(UNKNOWN),)
$(error WITHOUT: no '$(UNKNOWN)' (there is mysql mongodb amqp smtp client \
	gateway seccomp))
endif
WANTED = $(filter-out $(WITHOUT:%=users-%) $(WITHOUT:%=store-%) \
	$(WITHOUT:%=queue-%) $(WITHOUT:%=mail-%) $(WITHOUT:%=http-%) \
	$(WITHOUT),$(DRIVERS))
MODULES := token-jwt $(foreach m,$(WANTED),$(if $(shell $(PKG_CONFIG) \
	--exists $($(m)_PKGS) && echo yes),$(m)))
LEFT_OUT := $(filter-out $(MODULES),$(DRIVERS))

# The engine and its program: the only thing that links a codec.
ENGINE_PKGS = libavformat libavcodec libswresample libavutil libebur128
ENGINE_SRC = cmd/v2m-media.c $(wildcard lib/engine/*.c)
ENGINE_OBJ = $(ENGINE_SRC:%.c=$(B)/obj/%.o)
# Its filter of system calls, where the library for it is there.
SECCOMP := $(if $(filter seccomp,$(WITHOUT)),,$(shell $(PKG_CONFIG) --exists \
	libseccomp && echo libseccomp))
ifeq ($(SECCOMP),)
$(info v2m-media: without a filter of system calls, there is no libseccomp)
else
$(B)/obj/lib/engine/filter.o $(B)/obj/lib/engine/trap.o: \
	ALL_CFLAGS += -DHAVE_SECCOMP \
	$(shell $(PKG_CONFIG) --cflags $(SECCOMP))
endif
ENGINE = $(B)/libexec/v2m/v2m-media

CMDS = $(filter-out v2m-media,$(patsubst cmd/%.c,%,$(wildcard cmd/*.c)))
BINS = $(CMDS:%=$(B)/bin/%)
MODULE_FILES = $(MODULES:%=$(B)/lib/v2m/%.so)
UNITS = $(patsubst tests/unit/%.c,$(B)/tests/%,$(wildcard tests/unit/*.c))
COMPLETIONS = $(B)/completions/.done

.PHONY: all demo check check-fast check-long check-valgrind lint bench \
	install uninstall clean dist deps units
.DELETE_ON_ERROR:

all: $(BINS) $(ENGINE) $(MODULE_FILES) $(COMPLETIONS)
	$(if $(LEFT_OUT),@rm -f $(LEFT_OUT:%=$(B)/lib/v2m/%.so))
	$(if $(LEFT_OUT),@echo "left out for want of a library or on request:" \
		$(LEFT_OUT))

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

# It has the web page inside.
$(B)/obj/lib/gateway/page_files.o: $(wildcard lib/gateway/page/*)

$(LIB): $(LIB_OBJ)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -shared -Wl,-soname,libv2m.so -Wl,-z,defs -o $@ \
		$^ $(LIB_LIBS) -ldl

# The rule of a module: everything in its folder.
define MODULE_RULE
$(1)_OBJ = $(patsubst %.c,$(B)/obj/%.o,$(wildcard $($(1)_DIR)/*.c))
$$($(1)_OBJ): ALL_CFLAGS += $(shell $(PKG_CONFIG) --cflags $($(1)_PKGS))
$(B)/lib/v2m/$(1).so: $$($(1)_OBJ) $(LIB)
	$$(call say,LD,$$@)
	$$(Q)$(CC) $(ALL_LDFLAGS) -shared -Wl,-rpath,'$$$$ORIGIN' -o $$@ \
		$$($(1)_OBJ) -L$(B)/lib/v2m -lv2m \
		$$(shell $(PKG_CONFIG) --libs $($(1)_PKGS))
endef
$(foreach m,$(MODULES),$(eval $(call MODULE_RULE,$(m))))

$(ENGINE): $(ENGINE_OBJ) $(LIB)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -Wl,-rpath,'$$ORIGIN/../../lib/v2m' -o $@ \
		$(ENGINE_OBJ) -L$(B)/lib/v2m -lv2m \
		$(shell $(PKG_CONFIG) --libs $(ENGINE_PKGS) $(SECCOMP)) \
		-lmp3lame -lm

$(BINS): $(B)/bin/%: $(B)/obj/cmd/%.o $(LIB)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -Wl,-rpath,'$$ORIGIN/../lib/v2m' -o $@ $< \
		-L$(B)/lib/v2m -lv2m $(shell $(PKG_CONFIG) --libs jansson)

# The same with a hostile work.c, for the tests.
EVIL = $(B)/evil/v2m-media
EVIL_OBJ = $(filter-out %/work.o,$(ENGINE_OBJ)) $(B)/obj/tests/evil/work.o
$(EVIL): $(EVIL_OBJ) $(LIB)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -Wl,-rpath,'$$ORIGIN/../lib/v2m' -o $@ \
		$(EVIL_OBJ) -L$(B)/lib/v2m -lv2m \
		$(shell $(PKG_CONFIG) --libs $(ENGINE_PKGS) $(SECCOMP)) \
		-lmp3lame -lm

$(UNITS): $(B)/tests/%: $(B)/obj/tests/unit/%.o $(LIB)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -Wl,-rpath,'$$ORIGIN/../lib/v2m' -o $@ $< \
		-L$(B)/lib/v2m -lv2m $(shell $(PKG_CONFIG) --libs jansson) \
		$(UNIT_LIBS)
$(B)/tests/loudness: UNIT_LIBS = $(shell $(PKG_CONFIG) --libs libebur128) -lm

units: $(UNITS) $(EVIL)

$(COMPLETIONS): $(BINS) $(wildcard completions/*)
	@mkdir -p $(@D)
	@if [ -x completions/generate ]; then \
		completions/generate $(B)/bin $(B)/completions; fi
	@touch $@

deps:
	@scripts/install-deps build

# make demo VIDEO='any name.mp4': the name reaches the script unharmed.
demo: export DEMO_VIDEO = $(value VIDEO)
demo:
	@scripts/install-deps build demo
	@$(MAKE) -s --no-print-directory all
	@V2M_BIN='$(B)/bin' scripts/demo "$$DEMO_VIDEO"

# TESTS='tests/flow/a.t ...' runs only those; SAN=1 all of it with sanitizers.
TESTS =
run_tests = @scripts/install-deps build demo test && \
	$(MAKE) -s --no-print-directory all units && tests/run $(B)

check:
	$(run_tests) all $(TESTS)

check-fast:
	$(run_tests) fast $(TESTS)

check-long:
	$(run_tests) long $(TESTS)

check-valgrind:
	$(run_tests) valgrind $(TESTS)

lint: LINT = $(MAKE) -s --no-print-directory DEV=1 SAN= CFLAGS='-O2 -g' all units
lint:
	@scripts/install-deps build test
	@$(LINT) B=build-lint
	@! command -v clang > /dev/null || $(LINT) B=build-lint-clang CC=clang
	@scripts/lint

# BENCH="convert memory": only these parts; tests/bench/run has the list.
BENCH =
bench: all
	@scripts/install-deps demo bench
	@tests/bench/run $(B)/bin $(B)/bench $(BENCH)

# What goes where: the file in the build, and its folder.
INSTALL ?= install
MAN1 = $(wildcard man/*.1)
MAN5 = $(wildcard man/*.5)
MAN7 = $(wildcard man/*.7)
MAN8 = $(wildcard man/*.8)
SHARE = $(PREFIX)/share
BASHDIR = $(SHARE)/bash-completion/completions
ZSHDIR = $(SHARE)/zsh/site-functions
FISHDIR = $(SHARE)/fish/vendor_completions.d
# put MODE FOLDER FILES
put = $(if $(strip $(3)),$(INSTALL) -d '$(DESTDIR)$(2)' && \
	$(INSTALL) -m $(1) $(3) '$(DESTDIR)$(2)')

install: all
	$(call put,755,$(BINDIR),$(BINS))
	$(call put,644,$(LIBDIR),$(LIB) $(MODULE_FILES))
	$(call put,755,$(LIBEXECDIR),$(ENGINE))
	$(call put,644,$(MANDIR)/man1,$(MAN1))
	$(call put,644,$(MANDIR)/man5,$(MAN5))
	$(call put,644,$(MANDIR)/man7,$(MAN7))
	$(call put,644,$(MANDIR)/man8,$(MAN8))
	$(call put,644,$(BASHDIR),$(B)/completions/bash/*)
	$(call put,644,$(ZSHDIR),$(B)/completions/zsh/*)
	$(call put,644,$(FISHDIR),$(B)/completions/fish/*)
	$(call put,644,$(DATADIR),scripts/init.sql)
	$(call put,644,$(DATADIR)/supervisor,scripts/supervisor/v2m.conf)
	$(call put,644,$(DATADIR)/systemd,scripts/systemd/v2m-gateway.service)
	$(call put,644,$(DATADIR)/nginx,scripts/nginx/v2m.conf)
	$(call put,644,$(DATADIR)/cron,scripts/cron/crontab)
	$(call put,755,$(DATADIR)/cron,scripts/cron/v2m-drop-folder)
	$(call put,644,$(DATADIR)/nginx,scripts/nginx/v2m.conf)

# The same list, taken away again; folders of ours too, others' stay.
gone = rm -f $(foreach f,$(notdir $(2)),'$(DESTDIR)$(1)/$(f)')

uninstall:
	$(call gone,$(BINDIR),$(BINS))
	$(call gone,$(MANDIR)/man1,$(MAN1))
	$(call gone,$(MANDIR)/man5,$(MAN5))
	$(call gone,$(MANDIR)/man7,$(MAN7))
	$(call gone,$(MANDIR)/man8,$(MAN8))
	$(call gone,$(BASHDIR),$(CMDS))
	$(call gone,$(ZSHDIR),$(CMDS:%=_%))
	$(call gone,$(FISHDIR),$(CMDS:%=%.fish))
	rm -rf '$(DESTDIR)$(LIBDIR)' '$(DESTDIR)$(LIBEXECDIR)' \
		'$(DESTDIR)$(DATADIR)'

dist:
	git archive --prefix=v2m-$(VERSION)/ -o v2m-$(VERSION).tar.gz HEAD

clean:
	rm -rf build build-*

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
