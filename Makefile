# v2m: GNU make and pkg-config, nothing heavier.
#
#   make            build everything into build/
#   make demo       install what is missing, build, show the whole flow
#   make check      install what the tests need, run them all
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
LIB_SRC = $(filter-out lib/%_module.c,$(wildcard lib/*/*.c))
LIB_OBJ = $(LIB_SRC:%.c=$(B)/obj/%.o)
LIB = $(B)/lib/v2m/libv2m.so

# Modules: each with a library of its own, loaded when first used.
MODULES = token-jwt
token-jwt_SRC = lib/auth/token_jwt_module.c
token-jwt_PKGS = libjwt jansson

# The helper program: the only thing that links a codec.
HELPER_PKGS = libavformat libavcodec libswresample libavutil
HELPER_SRC = $(wildcard lib/media/helper/*.c)
HELPER_OBJ = $(HELPER_SRC:%.c=$(B)/obj/%.o)
HELPER = $(B)/libexec/v2m/v2m-media

CMDS = $(patsubst cmd/%.c,%,$(wildcard cmd/*.c))
BINS = $(CMDS:%=$(B)/bin/%)
MODULE_FILES = $(MODULES:%=$(B)/lib/v2m/%.so)
UNITS = $(patsubst tests/unit/%.c,$(B)/tests/%,$(wildcard tests/unit/*.c))
COMPLETIONS = $(B)/completions/.done

.PHONY: all demo check check-fast check-long lint bench install uninstall \
	clean dist deps units
.DELETE_ON_ERROR:

all: $(BINS) $(HELPER) $(MODULE_FILES) $(COMPLETIONS)

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(LIB): $(LIB_OBJ)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -shared -Wl,-soname,libv2m.so -Wl,-z,defs -o $@ \
		$^ $(LIB_LIBS) -ldl

define MODULE_RULE
$(B)/lib/v2m/$(1).so: $($(1)_SRC:%.c=$(B)/obj/%.o) $(LIB)
	$$(call say,LD,$$@)
	$$(Q)$(CC) $(ALL_LDFLAGS) -shared -Wl,-rpath,'$$$$ORIGIN' -o $$@ \
		$($(1)_SRC:%.c=$(B)/obj/%.o) -L$(B)/lib/v2m -lv2m \
		$$(shell $(PKG_CONFIG) --libs $($(1)_PKGS))
endef
$(foreach m,$(MODULES),$(eval $(call MODULE_RULE,$(m))))

$(HELPER): $(HELPER_OBJ) $(LIB)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -Wl,-rpath,'$$ORIGIN/../../lib/v2m' -o $@ \
		$(HELPER_OBJ) -L$(B)/lib/v2m -lv2m \
		$(shell $(PKG_CONFIG) --libs $(HELPER_PKGS)) -lmp3lame -lm

$(BINS): $(B)/bin/%: $(B)/obj/cmd/%.o $(LIB)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -Wl,-rpath,'$$ORIGIN/../lib/v2m' -o $@ $< \
		-L$(B)/lib/v2m -lv2m $(shell $(PKG_CONFIG) --libs jansson)

$(UNITS): $(B)/tests/%: $(B)/obj/tests/unit/%.o $(LIB)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -Wl,-rpath,'$$ORIGIN/../lib/v2m' -o $@ $< \
		-L$(B)/lib/v2m -lv2m $(shell $(PKG_CONFIG) --libs jansson)

units: $(UNITS)

$(COMPLETIONS): $(BINS) $(wildcard completions/generate)
	@mkdir -p $(@D)
	@if [ -x completions/generate ]; then \
		completions/generate $(B)/bin $(B)/completions; fi
	@touch $@

clean:
	rm -rf build build-*

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
