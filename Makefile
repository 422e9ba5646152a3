# v2m: GNU make and pkg-config, nothing heavier.
#
#   make            build everything into build/
#   make demo       install what is missing, build, show the whole flow
#   make check      install what the tests need, run them all
#   make check-fast only those that take a minute or two together
#   make lint       warnings as errors, static checks, rules of our own
#   make bench      measure speed and memory, beside ffmpeg
#   make install    PREFIX=/usr/local DESTDIR=
#   make uninstall  the same PREFIX and DESTDIR
#   make deb        Debian packages, in build/deb
#   make dist       a tar ball of the last commit
#   make deploy     into a Kubernetes cluster: see scripts/deploy.mk
#   make clean      remove build/ and the like
#
# CONTRIBUTING.md has the other tests: check-long, chaos, faults, ...
#
# SAN=1 builds with ASan and UBSan, SAN=thread with TSan, in folders of their
# own; DEV=1 adds -Werror and the strict set of warnings.  SECCOMP=no builds
# without the filter of system calls, and what is built then converts only where
# the configuration says that it may.

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
# make clean, deps, check and demo do without; whatever compiles says so.
ifeq ($(shell command -v $(PKG_CONFIG)),)
NO_PKG_CONFIG := $(PKG_CONFIG)
override PKG_CONFIG = false
endif
CFLAGS ?= -O2 -g
WARN = -Wall -Wextra
ifdef DEV
WARN += -Werror -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wwrite-strings -Wshadow -Wpointer-arith
endif

# What is put before a command that this machine cannot run by itself: for a
# cross-build, qemu-aarch64-static or the like.
RUN =

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
	-fPIC -fvisibility=hidden -pthread -MMD -MP $(HARDEN) $(SANFLAGS) \
	$(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS = -pthread -Wl,--as-needed -Wl,-z,relro -Wl,-z,now $(SANFLAGS) \
	$(LDFLAGS)
# A sanitizer's own functions come from the program.
NO_GAPS = $(if $(SAN),,-Wl,-z,defs)

# libv2m.so: what every command shares, embedded drivers included.  Of all that
# its files know of each other, libv2m.map lets out what others call.
LIB_PKGS = sqlite3 jansson nettle libcrypt
LIB_LIBS = $(shell $(PKG_CONFIG) --libs $(LIB_PKGS))
LIB_SRC = $(filter-out lib/gateway/%.c lib/engine/%.c, $(wildcard lib/*/*.c))
LIB_OBJ = $(LIB_SRC:%.c=$(B)/obj/%.o)
LIB = $(B)/lib/v2m/libv2m.so
LIB_MAP = lib/libv2m.map
$(LIB_OBJ): ALL_CFLAGS += -fvisibility=default

# The engine and its program: the only thing that links a codec.
ENGINE_PKGS = libavformat libavcodec libswresample libavutil libebur128
ENGINE_SRC = cmd/v2m-media.c $(wildcard lib/engine/*.c)
ENGINE_OBJ = $(ENGINE_SRC:%.c=$(B)/obj/%.o)
# Its filter of system calls.
ifneq ($(SECCOMP),no)
ENGINE_PKGS += libseccomp
$(filter %/filter.o %/trap.o,$(ENGINE_OBJ)): ALL_CFLAGS += -DHAVE_SECCOMP \
	$(shell $(PKG_CONFIG) --silence-errors --cflags libseccomp)
endif
ENGINE_LIBS = $(shell $(PKG_CONFIG) --libs $(ENGINE_PKGS)) \
	-lmp3lame -lm
ENGINE = $(B)/libexec/v2m/v2m-media

include mk/modules.mk
include mk/packages.mk

CMDS = $(filter-out v2m-media,$(patsubst cmd/%.c,%,$(wildcard cmd/*.c)))
BINS = $(CMDS:%=$(B)/bin/%)
COMPLETIONS = $(B)/completions/.done

.DEFAULT_GOAL = all
.PHONY: all help demo check check-fast check-long check-valgrind chaos faults \
	lint bench install may-install uninstall may-uninstall clean dist deb \
	deps units check-deploy has-pkg-config has-libraries
.DELETE_ON_ERROR:

all: $(BINS) $(ENGINE) $(MODULE_FILES) $(COMPLETIONS)
	$(if $(LEFT_OUT),@rm -f $(LEFT_OUT:%=$(B)/lib/v2m/%.so))
	$(SUMMARY)

# The first lines of this file.
help:
	@sed -n 's/^#   make/make/p' Makefile

$(B)/obj/%.o: %.c Makefile | has-libraries
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

# It has the web page inside.
$(B)/obj/lib/gateway/page_files.o: $(wildcard lib/gateway/page/*)

link_lib = $(Q)$(CC) $(ALL_LDFLAGS) -shared -Wl,-soname,libv2m.so $(NO_GAPS) \
	-o $@ $(LIB_OBJ) $(LIB_LIBS) -ldl

$(LIB): $(LIB_OBJ) $(LIB_MAP)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(link_lib) -Wl,--version-script=$(LIB_MAP)

$(ENGINE): $(ENGINE_OBJ) $(LIB)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -Wl,-rpath,'$$ORIGIN/../../lib/v2m' -o $@ \
		$(ENGINE_OBJ) -L$(B)/lib/v2m -lv2m $(ENGINE_LIBS)

# A command of several files has a folder of its own: cmd/convert, cmd/user.
parts = $(patsubst %.c,$(B)/obj/%.o,$(wildcard $(1:v2m-%=cmd/%)/*.c))
$(foreach c,$(CMDS),$(eval $(B)/bin/$(c): $(call parts,$(c))))

$(BINS): $(B)/bin/%: $(B)/obj/cmd/%.o $(LIB)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -Wl,-rpath,'$$ORIGIN/../lib/v2m' -o $@ \
		$(filter %.o,$^) \
		-L$(B)/lib/v2m -lv2m $(shell $(PKG_CONFIG) --libs jansson)

# They come from the commands, which may be another machine's.
$(COMPLETIONS): $(BINS) $(wildcard completions/*)
	@mkdir -p $(@D)
	@RUN='$(RUN)' completions/generate $(B)/bin $(B)/completions
	@touch $@

deps:
	@scripts/install-deps build

# make demo VIDEO='any name.mp4': the name reaches the script unharmed.
demo: export DEMO_VIDEO = $(value VIDEO)
demo:
	@scripts/install-deps build demo
	@$(MAKE) -s --no-print-directory all
	@V2M_BIN='$(B)/bin' scripts/demo "$$DEMO_VIDEO"

include mk/tests.mk
include mk/install.mk
include mk/deploy.mk
include scripts/deploy.mk

dist:
	git archive --prefix=v2m-$(VERSION)/ -o v2m-$(VERSION).tar.gz HEAD

# Debian packages in $(B)/deb, for the release that this runs on.
deb:
	@scripts/make-deb $(B) $(DEB_ARGS)

clean:
	rm -rf build build-*

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
