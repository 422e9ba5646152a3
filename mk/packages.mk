# What has to be there before anything is compiled, and which Debian package it
# is in; and what make says in the end.
DEB_libarchive = libarchive-dev
DEB_libavcodec = libavcodec-dev
DEB_libavformat = libavformat-dev
DEB_libavutil = libavutil-dev
DEB_libcrypt = libcrypt-dev
DEB_libcurl = libcurl4-openssl-dev
DEB_libebur128 = libebur128-dev
DEB_gnutls = libgnutls28-dev
DEB_jansson = libjansson-dev
DEB_libjwt = libjwt-dev
DEB_libmariadb = libmariadb-dev
DEB_libmicrohttpd = libmicrohttpd-dev
DEB_libmongoc-1.0 = libmongoc-dev
DEB_expat = libexpat1-dev
DEB_librabbitmq = librabbitmq-dev
DEB_libseccomp = libseccomp-dev
DEB_libswresample = libswresample-dev
DEB_nettle = nettle-dev
DEB_sqlite3 = libsqlite3-dev
DEB_zlib = zlib1g-dev

# The packages of those of these libraries that are not here.
missing = $(strip $(foreach p,$(1),$(if $(shell $(PKG_CONFIG) --exists $(p) && \
	echo yes),,$(DEB_$(p)))))
NEEDED = $(sort $(call missing,$(LIB_PKGS) $(filter-out libseccomp,\
	$(ENGINE_PKGS)) $(token-jwt_PKGS)) $(NO_LAME))
# It has no file for pkg-config.
NO_LAME = $(shell echo '\#include <lame/lame.h>' | $(CC) $(CPPFLAGS) $(CFLAGS) \
	-E - > /dev/null 2>&1 || echo libmp3lame-dev)
NO_SECCOMP = $(call missing,$(filter libseccomp,$(ENGINE_PKGS)))

has-pkg-config:
	@[ -z '$(NO_PKG_CONFIG)' ] || { echo "make: no $(NO_PKG_CONFIG)," \
		"which finds the libraries: install pkgconf, or all that is" \
		"needed with scripts/install-deps" >&2; exit 1; }

has-libraries: has-pkg-config
	@[ -z '$(NEEDED)' ] || { echo "make: libraries are missing: install" \
		"$(strip $(NEEDED) $(NO_SECCOMP))" >&2; echo "make:" \
		"scripts/install-deps gets these, scripts/install-deps all" \
		"every driver's as well" >&2; exit 1; }
	@[ -z '$(NO_SECCOMP)' ] || { echo "make: no libseccomp, which the" \
		"sandbox needs: install libseccomp-dev (SECCOMP=no builds" \
		"without)" >&2; exit 1; }

# With -s only what is left out.
SILENT = $(findstring s,$(firstword -$(MAKEFLAGS)))
NOT_HERE = $(filter-out $(MODULES),$(WANTED))
NOT_WANTED = $(filter-out $(WANTED),$(DRIVERS))
ENGINE_HAS = $(if $(filter no,$(SECCOMP)),no filter of system calls,a sandbox)

# The recipe's last lines.
define SUMMARY
$(if $(SILENT),,@echo "built in $(B): $(words $(BINS)) commands and" \
	"v2m-media with $(ENGINE_HAS)"; echo "modules: $(MODULES)")
$(if $(NOT_WANTED),@echo "left out on request: $(NOT_WANTED)")
$(if $(NOT_HERE),@echo "left out because a library is missing:"; \
	$(foreach m,$(NOT_HERE),echo "  $(m) wants $(call \
	missing,$($(m)_PKGS))";) echo "  scripts/install-deps all gets these")
endef
