/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/process/serve_setup.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/log.h"
#include "appliance/keeper/process/notify.h"

#define API_FOLDER "api"

void sr_serve_setup_init(struct sr_serve_setup *setup)
{
	*setup = (struct sr_serve_setup){ .program_fd = -1,
		                          .listen_fd = -1,
		                          .api_state_fd = -1,
		                          .certificate_fd = -1,
		                          .private_key_fd = -1,
		                          .fuse_fd = -1 };
}

void sr_serve_setup_dispose(struct sr_serve_setup *setup)
{
	sr_fd_close(setup->program_fd);
	sr_fd_close(setup->listen_fd);
	sr_fd_close(setup->api_state_fd);
	sr_fd_close(setup->certificate_fd);
	sr_fd_close(setup->private_key_fd);
	sr_secret_free(setup->passphrase);
	sr_fd_close(setup->fuse_fd);
	sr_config_free(setup->config);
	free(setup->data);
	sr_serve_setup_init(setup);
}

/* --- who runs what --------------------------------------------------------------------------------- */

/* Whom the configuration names, else the user that the package makes, else a number that nobody has. */
static enum sr_status find_identity(const struct sr_config *config, const char *key, const char *packaged,
                                    uid_t fallback, struct sr_identity *out, struct sr_err *err)
{
	const char *name = sr_config_text(config, key);

	*out = (struct sr_identity){ .change = true, .uid = fallback, .gid = fallback };
	errno = 0;
	const struct passwd *user = getpwnam(name[0] ? name : packaged);
	if (!user && !name[0])
		return SR_OK;
	if (!user)
		return sr_fail(err, SR_NOT_FOUND, SR_CONFIG_FILE ": %s: there is no Unix user %s", key, name);
	out->uid = user->pw_uid;
	out->gid = user->pw_gid;
	if (out->uid == 0)
		return sr_fail(err, SR_INVALID, SR_CONFIG_FILE ": %s: a front end may not be root", key);
	return SR_OK;
}

static enum sr_status find_identities(struct sr_serve_setup *setup, const struct stat *data,
                                      struct sr_err *err)
{
	if (!sr_offspring_may_change()) {
		sr_log(SR_LOG_WARNING,
		       "started without root: the keeper and the front ends all run as uid %u, so a front "
		       "end "
		       "that is taken over could reach the keys",
		       (unsigned)geteuid());
		return SR_OK;
	}
	if (data->st_uid == 0)
		sr_log(SR_LOG_WARNING,
		       "%s belongs to root, so the keeper runs as root; give it to a user of its own: "
		       "chown -R USER: %s",
		       setup->data, setup->data);
	setup->keeper = (struct sr_identity){ .change = data->st_uid != geteuid(),
		                              .uid = data->st_uid,
		                              .gid = data->st_gid };
	SR_TRY(find_identity(setup->config, "serve.fs_user", "strongroom-fs", SR_SERVE_FS_UID, &setup->fs,
	                     err));
	SR_TRY(find_identity(setup->config, "serve.api_user", "strongroom-api", SR_SERVE_API_UID, &setup->api,
	                     err));
	if (setup->fs.uid == data->st_uid || setup->api.uid == data->st_uid)
		return sr_fail(err, SR_INVALID,
		               SR_CONFIG_FILE ": a front end may not run as the owner of the data directory");
	return SR_OK;
}

/* --- what api gets --------------------------------------------------------------------------------- */

/* "127.0.0.1:8443", "[::1]:8443" */
static enum sr_status split_address(const char *listen, char host[128], const char **port, struct sr_err *err)
{
	const char *colon = strrchr(listen, ':');
	size_t size = colon ? (size_t)(colon - listen) : 0;

	if (!colon || size == 0 || size >= 128 || !colon[1])
		return sr_fail(err, SR_INVALID, "%s: not an address (such as 127.0.0.1:8443 or [::1]:8443)",
		               listen);
	if (listen[0] == '[' && listen[size - 1] == ']') {
		listen++;
		size -= 2;
	}
	memcpy(host, listen, size);
	host[size] = 0;
	*port = colon + 1;
	return SR_OK;
}

static enum sr_status listen_at(const char *address, int *out, struct sr_err *err)
{
	static const struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
		                               .ai_socktype = SOCK_STREAM };
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	struct addrinfo *found = NULL;
	char host[128];
	const char *port = NULL;
	const int on = 1;

	SR_TRY(split_address(address, host, &port, err));
	int failed = getaddrinfo(host, port, &hints, &found);
	if (failed)
		return sr_fail(err, SR_INVALID, "%s: %s", address, gai_strerror(failed));
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool bound = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	             bind(fd, found->ai_addr, found->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0;
	int cause = errno;
	freeaddrinfo(found);
	errno = cause;
	if (!bound && cause == EADDRINUSE)
		return sr_fail(err, SR_BUSY, "%s is in use; choose another --listen", address);
	if (!bound)
		return sr_fail_errno(err, "listen at %s", address);
	*out = sr_fd_move(&fd);
	return SR_OK;
}

/* The socket that the service manager opened, where it did: its address goes before --listen. */
static enum sr_status take_listener(struct sr_serve_setup *setup, struct sr_err *err)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof(address);
	char host[128], port[16];

	setup->listen_fd = sr_notify_given(SR_LISTEN_GIVEN);
	if (setup->listen_fd < 0)
		return listen_at(setup->listen, &setup->listen_fd, err);
	if (getsockname(setup->listen_fd, (struct sockaddr *)&address, &size) < 0)
		return sr_fail_errno(err, "the address of the socket that was given");
	int failed = getnameinfo((struct sockaddr *)&address, size, host, sizeof(host), port, sizeof(port),
	                         NI_NUMERICHOST | NI_NUMERICSERV);
	if (failed)
		return sr_fail(err, SR_INVALID, "the address of the socket that was given: %s",
		               gai_strerror(failed));
	snprintf(setup->given_listen, sizeof(setup->given_listen), strchr(host, ':') ? "[%s]:%s" : "%s:%s",
	         host, port);
	setup->listen = setup->given_listen;
	return SR_OK;
}

/* A folder for what api keeps of its own, such as the certificate that it made. */
static enum sr_status open_state(int data_fd, const struct sr_identity *api, int *out, struct sr_err *err)
{
	struct stat st;

	if (mkdirat(data_fd, API_FOLDER, 0700) < 0 && errno != EEXIST)
		return sr_fail_errno(err, "make the folder " API_FOLDER);
	*out = openat(data_fd, API_FOLDER, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*out < 0)
		return sr_fail_errno(err, "open the folder " API_FOLDER);
	if (fstat(*out, &st) < 0)
		return sr_fail_errno(err, "look at the folder " API_FOLDER);
	if (api->change && st.st_uid != api->uid && fchown(*out, api->uid, api->gid) < 0)
		return sr_fail_errno(err, "give the folder " API_FOLDER " to uid %u", (unsigned)api->uid);
	return SR_OK;
}

static enum sr_status open_named(int data_fd, const struct sr_config *config, const char *key, int *out,
                                 struct sr_err *err)
{
	const char *path = sr_config_text(config, key);

	if (!path[0])
		return SR_OK;
	*out = openat(data_fd, path, O_RDONLY | O_CLOEXEC);
	if (*out < 0)
		return sr_fail_errno(err, SR_CONFIG_FILE ": %s: open %s", key, path);
	return SR_OK;
}

static enum sr_status open_for_api(struct sr_serve_setup *setup, int data_fd, struct sr_err *err)
{
	SR_TRY(take_listener(setup, err));
	SR_TRY(open_state(data_fd, &setup->api, &setup->api_state_fd, err));
	/* With the rights of whoever writes the configuration, not with root's. */
	const struct sr_identity *owner = &setup->keeper;
	if (owner->change && (setegid(owner->gid) < 0 || seteuid(owner->uid) < 0))
		return sr_fail_errno(err, "become uid %u", (unsigned)owner->uid);
	enum sr_status status =
		open_named(data_fd, setup->config, "api.certificate", &setup->certificate_fd, err);
	if (status == SR_OK)
		status = open_named(data_fd, setup->config, "api.private_key", &setup->private_key_fd, err);
	if (owner->change && (seteuid(0) < 0 || setegid(0) < 0))
		return sr_fail_errno(err, "become root again");
	return status;
}

/* --- the passphrase -------------------------------------------------------------------------------- */

/* Asked before anything starts; the keeper tries it. */
static enum sr_status get_passphrase(struct sr_serve_setup *setup, int data_fd,
                                     const struct sr_passphrase_source *source, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int keys_fd = -1;
	bool needed;

	SR_TRY(sr_fd_open_beneath(data_fd, "keys", O_RDONLY | O_DIRECTORY, 0, &keys_fd, err));
	SR_TRY(sr_passphrase_is_needed(keys_fd, &needed, err));
	if (!needed)
		return SR_OK;
	if (!source)
		return sr_fail(err, SR_DENIED,
		               "the keys are under a passphrase, and nobody was asked for it");
	SR_TRY(source->ask(source->context, SR_PASSPHRASE_OPEN, &setup->passphrase, err));
	if (!setup->passphrase->locked)
		sr_log(SR_LOG_WARNING,
		       "the passphrase of the keys cannot be locked in memory (RLIMIT_MEMLOCK)");
	return SR_OK;
}

/* --- all of it ------------------------------------------------------------------------------------- */

static enum sr_status load_config(struct sr_serve_setup *setup, int data_fd, struct sr_err *err)
{
	enum sr_status status = sr_config_load(data_fd, &setup->config, err);

	if (status == SR_NOT_FOUND)
		return sr_fail(err, SR_NOT_FOUND,
		               "%s is no data directory; make one with: strongroom --data %s init",
		               setup->data, setup->data);
	return status;
}

/* The mount that the service manager made before us and gave us (`serve-mount`), else a folder to mount on.
 */
static enum sr_status take_mount(const char *dir, struct sr_serve_setup *setup, struct sr_err *err)
{
	setup->fuse_fd = sr_notify_given(SR_MOUNT_GIVEN);
	setup->mount_is_given = setup->fuse_fd >= 0;
	if (!setup->mount_is_given)
		return sr_mountpoint_take(dir, &setup->mountpoint, err);
	if (snprintf(setup->mountpoint.path, sizeof(setup->mountpoint.path), "%s", dir) >=
	    (int)sizeof(setup->mountpoint.path))
		return sr_fail(err, SR_LIMIT, "the path of the mount is too long");
	/* The manager's own copy would keep the mount waiting for answers when we are gone. */
	return sr_notify_forget(SR_MOUNT_GIVEN, err);
}

enum sr_status sr_serve_setup_make(const struct sr_serve_options *options, struct sr_serve_setup *setup,
                                   struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int data_fd = -1;
	struct stat st;

	setup->data = realpath(options->data, NULL);
	if (!setup->data && errno == ENOENT)
		return sr_fail(err, SR_NOT_FOUND,
		               "%s does not exist; make it with: strongroom --data %s init", options->data,
		               options->data);
	if (!setup->data)
		return sr_fail_errno(err, "the data directory %s", options->data);
	data_fd = open(setup->data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (data_fd < 0 || fstat(data_fd, &st) < 0)
		return sr_fail_errno(err, "open the data directory %s", setup->data);
	SR_TRY(load_config(setup, data_fd, err));
	SR_TRY(find_identities(setup, &st, err));
	SR_TRY(get_passphrase(setup, data_fd, options->passphrase, err));
	setup->program_fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (setup->program_fd < 0)
		return sr_fail_errno(err, "open /proc/self/exe");
	setup->listen = options->listen;
	if (options->listen)
		SR_TRY(open_for_api(setup, data_fd, err));
	return options->mount ? take_mount(options->mount, setup, err) : SR_OK;
}

enum sr_status sr_serve_mount(const char *dir, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fuse = -1;
	struct sr_mountpoint mountpoint;

	SR_TRY(sr_mountpoint_take(dir, &mountpoint, err));
	SR_TRY(sr_mountpoint_attach(&mountpoint, &fuse, err));
	enum sr_status status = sr_notify_store(SR_MOUNT_GIVEN, fuse, err);
	if (status != SR_OK)
		sr_mountpoint_detach(&mountpoint);
	return status;
}
