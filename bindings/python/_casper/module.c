/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The module _casper: channels to Casper's services, for pycapsicum/casper.py, which gives them a face. On FreeBSD over
 * the system's libcasper, on Linux over library/casper, which is compiled in.
 *
 * A channel has a lock: a call on it and its closing by another thread wait for each other, without the GIL.
 */
#define PY_SSIZE_T_CLEAN
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <Python.h>

#define CAPSICUM_EASY_IMPLEMENTATION
#define WITH_CASPER
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdbool.h>
#include <capsicum_easy.h>
#include <libcasper.h>
#include <casper/cap_fileargs.h>
#include <casper/cap_grp.h>
#include <casper/cap_net.h>
#include <casper/cap_pwd.h>
#include <casper/cap_syslog.h>

/* ISO C has no conversion from a function to an object pointer, which Python's slots are. */
#define SLOT(function) ((void *)(uintptr_t)(function))
#define ENTRY_MAX (1u << 20) /* a user's or a group's: a group may have many members */

typedef struct {
	PyObject_HEAD pthread_mutex_t lock;
	cap_channel_t *chan;
	fileargs_t *files; /* holds the channel if it is one of fileargs */
} Channel;

typedef struct {
	PyObject *channel_type;
} module_state;

/* Between these two the channel is this thread's, and Python is not. */
#define BEGIN(self)                                               \
	Py_BEGIN_ALLOW_THREADS pthread_mutex_lock(&(self)->lock); \
	errno = 0;
#define END(self)                            \
	pthread_mutex_unlock(&(self)->lock); \
	Py_END_ALLOW_THREADS

/* Fails as if the channel's descriptor were closed, which it is. For use between BEGIN and END. */
static bool is_open(const Channel *self)
{
	if (self->chan != NULL)
		return true;
	errno = EBADF;
	return false;
}

static PyObject *none_or_error(int result)
{
	if (result != 0)
		return PyErr_SetFromErrno(PyExc_OSError);
	Py_RETURN_NONE;
}

/* Opening and closing */

static Channel *new_channel(PyObject *module, cap_channel_t *chan, fileargs_t *files)
{
	module_state *state = PyModule_GetState(module);
	Channel *self = PyObject_New(Channel, (PyTypeObject *)state->channel_type);

	if (self == NULL) {
		if (files != NULL)
			fileargs_free(files);
		else
			cap_close(chan);
		return NULL;
	}
	pthread_mutex_init(&self->lock, NULL);
	self->chan = chan;
	self->files = files;
	return self;
}

static PyObject *open_service(PyObject *module, PyObject *name)
{
	const char *text = PyUnicode_AsUTF8(name);
	cap_channel_t *casper;
	cap_channel_t *chan = NULL;
	int error;

	if (text == NULL)
		return NULL;
	PyOS_BeforeFork(); /* as os.fork() does: the new process never comes back to Python */
	casper = cap_init();
	error = errno;
	PyOS_AfterFork_Parent();
	errno = error;
	if (casper != NULL) {
		chan = cap_service_open(casper, text);
		error = errno;
		cap_close(casper);
		errno = error;
	}
	if (chan == NULL)
		return PyErr_SetFromErrno(PyExc_OSError);
	return (PyObject *)new_channel(module, chan, NULL);
}

static void close_channel(Channel *self)
{
	if (self->files != NULL)
		fileargs_free(self->files);
	else if (self->chan != NULL)
		cap_close(self->chan);
	self->files = NULL;
	self->chan = NULL;
}

static PyObject *Channel_close(Channel *self, PyObject *unused)
{
	(void)unused;
	BEGIN(self)
	close_channel(self);
	END(self)
	Py_RETURN_NONE;
}

static void Channel_dealloc(Channel *self)
{
	PyTypeObject *type = Py_TYPE(self);

	close_channel(self);
	pthread_mutex_destroy(&self->lock);
	PyObject_Free(self);
	Py_DECREF(type);
}

static PyObject *Channel_fileno(Channel *self, PyObject *unused)
{
	int fd = -1;

	(void)unused;
	BEGIN(self)
	if (is_open(self))
		fd = cap_sock(self->chan);
	END(self)
	return fd < 0 ? PyErr_SetFromErrno(PyExc_OSError) : PyLong_FromLong(fd);
}

/* FreeBSD's services are held by nothing but their limits. */
static PyObject *Channel_enforcement(Channel *self, PyObject *unused)
{
	int flags = -1;

	(void)unused;
	BEGIN(self)
	if (is_open(self)) {
#ifdef CE_SERVICE_FILES
		flags = ce_service_enforcement(self->chan);
#else
		flags = 0;
#endif
	}
	END(self)
	return flags < 0 ? PyErr_SetFromErrno(PyExc_OSError) : PyLong_FromLong(flags);
}

static PyObject *Channel_clone(Channel *self, PyObject *unused)
{
	cap_channel_t *chan = NULL;

	(void)unused;
	BEGIN(self)
	if (is_open(self))
		chan = cap_clone(self->chan);
	END(self)
	if (chan == NULL)
		return PyErr_SetFromErrno(PyExc_OSError);
	return (PyObject *)new_channel(PyType_GetModule(Py_TYPE(self)), chan, NULL);
}

/* Addresses: as Python's socket module has them. */

static PyObject *address_to_python(const struct sockaddr *address)
{
	char text[INET6_ADDRSTRLEN];

	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)address;

		inet_ntop(AF_INET, &v4->sin_addr, text, sizeof(text));
		return Py_BuildValue("si", text, ntohs(v4->sin_port));
	}
	if (address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)address;

		inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof(text));
		return Py_BuildValue("siII", text, ntohs(v6->sin6_port), (unsigned)ntohl(v6->sin6_flowinfo),
				     (unsigned)v6->sin6_scope_id);
	}
	return PyErr_Format(PyExc_OSError, "address family %d is not known here", address->sa_family);
}

static bool local_from_python(PyObject *value, struct sockaddr_un *address, socklen_t *length)
{
	PyObject *bytes;
	size_t size;

	if (!PyUnicode_FSConverter(value, &bytes))
		return false;
	size = (size_t)PyBytes_Size(bytes);
	if (size >= sizeof(address->sun_path)) {
		Py_DECREF(bytes);
		PyErr_SetString(PyExc_OSError, "AF_UNIX path too long");
		return false;
	}
	address->sun_family = AF_UNIX;
	memcpy(address->sun_path, PyBytes_AsString(bytes), size + 1);
	*length = sizeof(*address);
	Py_DECREF(bytes);
	return true;
}

/* A path, or a tuple of a numeric address and a port, with what IPv6 has more. False with an exception. */
static bool address_from_python(PyObject *value, struct sockaddr_storage *address, socklen_t *length)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;
	const char *host;
	unsigned short port;
	unsigned flow = 0;
	unsigned scope = 0;

	memset(address, 0, sizeof(*address));
	if (!PyTuple_Check(value))
		return local_from_python(value, (struct sockaddr_un *)address, length);
	if (!PyArg_ParseTuple(value, "sH|II", &host, &port, &flow, &scope))
		return false;
	if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		*length = sizeof(*v4);
	} else if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		v6->sin6_flowinfo = htonl(flow);
		v6->sin6_scope_id = scope;
		*length = sizeof(*v6);
	} else {
		PyErr_Format(PyExc_ValueError, "%R is no numeric address", value);
		return false;
	}
#ifdef __FreeBSD__
	((struct sockaddr *)address)->sa_len = (unsigned char)*length;
#endif
	return true;
}

/* Lookups: (code, what) where code is 0 or one of EAI_; an errno with EAI_SYSTEM is an OSError. */

static PyObject *lookup_result(int code, PyObject *value)
{
	if (code == EAI_SYSTEM)
		return PyErr_SetFromErrno(PyExc_OSError);
	if (code != 0)
		return Py_BuildValue("is", code, gai_strerror(code));
	return value == NULL ? NULL : Py_BuildValue("iN", 0, value);
}

static PyObject *addresses_to_python(const struct addrinfo *found)
{
	PyObject *list = PyList_New(0);

	for (const struct addrinfo *info = found; list != NULL && info != NULL; info = info->ai_next) {
		PyObject *address = address_to_python(info->ai_addr);
		PyObject *entry =
			address == NULL ? NULL
					: Py_BuildValue("iiisN", info->ai_family, info->ai_socktype, info->ai_protocol,
							info->ai_canonname == NULL ? "" : info->ai_canonname, address);

		if (entry == NULL || PyList_Append(list, entry) != 0)
			Py_CLEAR(list);
		Py_XDECREF(entry);
	}
	return list;
}

static PyObject *Channel_getaddrinfo(Channel *self, PyObject *arguments)
{
	struct addrinfo hints = { 0 };
	struct addrinfo *found = NULL;
	const char *host;
	const char *service;
	PyObject *list = NULL;
	int code = EAI_SYSTEM;

	if (!PyArg_ParseTuple(arguments, "zziiii", &host, &service, &hints.ai_family, &hints.ai_socktype,
			      &hints.ai_protocol, &hints.ai_flags))
		return NULL;
	BEGIN(self)
	if (is_open(self))
		code = cap_getaddrinfo(self->chan, host, service, &hints, &found);
	END(self)
	if (code == 0) {
		list = addresses_to_python(found);
		freeaddrinfo(found);
	}
	return lookup_result(code, list);
}

static PyObject *Channel_getnameinfo(Channel *self, PyObject *arguments)
{
	struct sockaddr_storage address;
	socklen_t length;
	PyObject *value;
	char host[NI_MAXHOST];
	char service[NI_MAXSERV];
	int code = EAI_SYSTEM;
	int flags;

	if (!PyArg_ParseTuple(arguments, "Oi", &value, &flags) || !address_from_python(value, &address, &length))
		return NULL;
	BEGIN(self)
	if (is_open(self))
		code = cap_getnameinfo(self->chan, (struct sockaddr *)&address, length, host, sizeof(host), service,
				       sizeof(service), flags);
	END(self)
	return lookup_result(code, code == 0 ? Py_BuildValue("ss", host, service) : NULL);
}

/* Connections */

static PyObject *with_socket(Channel *self, PyObject *arguments, bool connects)
{
	struct sockaddr_storage address;
	socklen_t length;
	PyObject *value;
	int result = -1;
	int fd;

	if (!PyArg_ParseTuple(arguments, "iO", &fd, &value) || !address_from_python(value, &address, &length))
		return NULL;
	BEGIN(self)
	if (is_open(self))
		result = connects ? cap_connect(self->chan, fd, (struct sockaddr *)&address, length)
				  : cap_bind(self->chan, fd, (struct sockaddr *)&address, length);
	END(self)
	return none_or_error(result);
}

static PyObject *Channel_connect(Channel *self, PyObject *arguments)
{
	return with_socket(self, arguments, true);
}

static PyObject *Channel_bind(Channel *self, PyObject *arguments)
{
	return with_socket(self, arguments, false);
}

/* Adds the (host, service) pairs and addresses to a limit. False with an exception. */
static bool add_names(cap_net_limit_t *limit, PyObject *pairs)
{
	for (Py_ssize_t at = 0; at < PyTuple_Size(pairs); at++) {
		const char *host;
		const char *service;

		if (!PyArg_ParseTuple(PyTuple_GetItem(pairs, at), "ss", &host, &service))
			return false;
		cap_net_limit_name2addr(limit, host, service);
	}
	return true;
}

static bool add_addresses(cap_net_limit_t *limit, PyObject *addresses,
			  cap_net_limit_t *(*add)(cap_net_limit_t *, const struct sockaddr *, socklen_t))
{
	for (Py_ssize_t at = 0; at < PyTuple_Size(addresses); at++) {
		struct sockaddr_storage address;
		socklen_t length;

		if (!address_from_python(PyTuple_GetItem(addresses, at), &address, &length))
			return false;
		add(limit, (struct sockaddr *)&address, length);
	}
	return true;
}

static bool add_families(cap_net_limit_t *limit, PyObject *families)
{
	for (Py_ssize_t at = 0; at < PyTuple_Size(families); at++) {
		int family = (int)PyLong_AsLong(PyTuple_GetItem(families, at));

		if (family == -1 && PyErr_Occurred() != NULL)
			return false;
		cap_net_limit_name2addr_family(limit, &family, 1);
		cap_net_limit_addr2name_family(limit, &family, 1);
	}
	return true;
}

static PyObject *Channel_limit_net(Channel *self, PyObject *arguments)
{
	unsigned long mode;
	PyObject *names;
	PyObject *families;
	PyObject *connect;
	PyObject *bind;
	cap_net_limit_t *limit;
	int result = -1;

	if (!PyArg_ParseTuple(arguments, "kO!O!O!O!", &mode, &PyTuple_Type, &names, &PyTuple_Type, &families,
			      &PyTuple_Type, &connect, &PyTuple_Type, &bind))
		return NULL;
	limit = cap_net_limit_init(self->chan, mode);
	if (limit == NULL)
		return PyErr_NoMemory();
	if (!add_names(limit, names) || !add_families(limit, families) ||
	    !add_addresses(limit, connect, cap_net_limit_connect) || !add_addresses(limit, bind, cap_net_limit_bind)) {
		cap_net_free(limit);
		return NULL;
	}
	BEGIN(self)
	if (is_open(self))
		result = cap_net_limit(limit);
	else
		cap_net_free(limit);
	END(self)
	return none_or_error(result);
}

/* Users and groups */

/* As the pwd module does: bytes that are no text survive. For "O&" of Py_BuildValue(). */
static PyObject *decoded(void *text)
{
	return PyUnicode_DecodeFSDefault(text);
}

static PyObject *user_to_python(const struct passwd *user)
{
	return Py_BuildValue("O&O&LLO&O&O&", decoded, user->pw_name, decoded, user->pw_passwd, (long long)user->pw_uid,
			     (long long)user->pw_gid, decoded, user->pw_gecos, decoded, user->pw_dir, decoded,
			     user->pw_shell);
}

static PyObject *group_to_python(const struct group *group)
{
	PyObject *members = PyList_New(0);

	for (char **member = group->gr_mem; members != NULL && *member != NULL; member++) {
		PyObject *name = PyUnicode_DecodeFSDefault(*member);

		if (name == NULL || PyList_Append(members, name) != 0)
			Py_CLEAR(members);
		Py_XDECREF(name);
	}
	return members == NULL ? NULL
			       : Py_BuildValue("O&O&LN", decoded, group->gr_name, decoded, group->gr_passwd,
					       (long long)group->gr_gid, members);
}

/* One call in the form of getpwnam_r(3), by name, by number or for the next. */
struct entry_call {
	bool group;
	const char *name; /* NULL: by number, or the next */
	bool next;
	long long number;
	union {
		struct passwd user;
		struct group group;
	} entry;
};

static int call_entry(cap_channel_t *chan, struct entry_call *call, char *buffer, size_t size, bool *found)
{
	struct passwd *user = NULL;
	struct group *group = NULL;
	int error;

	if (call->group && call->next)
		error = cap_getgrent_r(chan, &call->entry.group, buffer, size, &group);
	else if (call->group && call->name != NULL)
		error = cap_getgrnam_r(chan, call->name, &call->entry.group, buffer, size, &group);
	else if (call->group)
		error = cap_getgrgid_r(chan, (gid_t)call->number, &call->entry.group, buffer, size, &group);
	else if (call->next)
		error = cap_getpwent_r(chan, &call->entry.user, buffer, size, &user);
	else if (call->name != NULL)
		error = cap_getpwnam_r(chan, call->name, &call->entry.user, buffer, size, &user);
	else
		error = cap_getpwuid_r(chan, (uid_t)call->number, &call->entry.user, buffer, size, &user);
	*found = user != NULL || group != NULL;
	return error;
}

static PyObject *Channel_entry(Channel *self, PyObject *arguments)
{
	struct entry_call call = { 0 };
	PyObject *result = NULL;
	int by_group;
	int next;
	int error = EBADF;
	bool found = false;
	char *buffer = NULL;

	if (!PyArg_ParseTuple(arguments, "pzLp", &by_group, &call.name, &call.number, &next))
		return NULL;
	call.group = by_group != 0;
	call.next = next != 0;
	buffer = PyMem_RawMalloc(ENTRY_MAX);
	if (buffer == NULL)
		return PyErr_NoMemory();
	BEGIN(self)
	if (is_open(self))
		error = call_entry(self->chan, &call, buffer, ENTRY_MAX, &found);
	END(self)
	if (error != 0) {
		errno = error;
		PyErr_SetFromErrno(PyExc_OSError);
	} else if (!found) {
		Py_INCREF(Py_None);
		result = Py_None;
	} else {
		result = call.group ? group_to_python(&call.entry.group) : user_to_python(&call.entry.user);
	}
	PyMem_RawFree(buffer);
	return result;
}

static PyObject *Channel_rewind(Channel *self, PyObject *by_group)
{
	int result = 0;

	BEGIN(self)
	if (is_open(self))
		result = by_group == Py_True ? cap_setgrent(self->chan) : cap_setpassent(self->chan, 1);
	END(self)
	return none_or_error(result == 1 ? 0 : -1);
}

/* A tuple of strings as an array, which the caller frees. NULL with an exception. */
static const char **texts_of(PyObject *tuple)
{
	const Py_ssize_t count = PyTuple_Size(tuple);
	const char **texts = PyMem_Calloc((size_t)count + 1, sizeof(*texts));

	if (texts == NULL)
		PyErr_NoMemory();
	for (Py_ssize_t at = 0; texts != NULL && at < count; at++) {
		texts[at] = PyUnicode_AsUTF8(PyTuple_GetItem(tuple, at));
		if (texts[at] == NULL) {
			PyMem_Free((void *)texts);
			return NULL;
		}
	}
	return texts;
}

/* uid_t and gid_t are both 32 bits, on both systems. */
static uint32_t *numbers_of(PyObject *tuple)
{
	const Py_ssize_t count = PyTuple_Size(tuple);
	uint32_t *numbers = PyMem_Calloc((size_t)count + 1, sizeof(*numbers));

	if (numbers == NULL)
		PyErr_NoMemory();
	for (Py_ssize_t at = 0; numbers != NULL && at < count; at++) {
		numbers[at] = (uint32_t)PyLong_AsUnsignedLong(PyTuple_GetItem(tuple, at));
		if (PyErr_Occurred() != NULL) {
			PyMem_Free(numbers);
			return NULL;
		}
	}
	return numbers;
}

static PyObject *Channel_limit_entries(Channel *self, PyObject *arguments)
{
	PyObject *names;
	PyObject *ids;
	const char **texts = NULL;
	uint32_t *numbers = NULL;
	int by_group;
	int result = -1;

	if (!PyArg_ParseTuple(arguments, "pO!O!", &by_group, &PyTuple_Type, &names, &PyTuple_Type, &ids))
		return NULL;
	texts = texts_of(names);
	numbers = texts == NULL ? NULL : numbers_of(ids);
	if (numbers != NULL) {
		const size_t nnames = (size_t)PyTuple_Size(names);
		const size_t nids = (size_t)PyTuple_Size(ids);

		BEGIN(self)
		if (is_open(self))
			result = by_group ? cap_grp_limit_groups(self->chan, texts, nnames, numbers, nids)
					  : cap_pwd_limit_users(self->chan, texts, nnames, numbers, nids);
		END(self)
		none_or_error(result);
	}
	PyMem_Free((void *)texts);
	PyMem_Free(numbers);
	if (PyErr_Occurred() != NULL)
		return NULL;
	Py_RETURN_NONE;
}

static PyObject *Channel_limit_fields(Channel *self, PyObject *arguments)
{
	PyObject *fields;
	const char **texts;
	int by_group;
	int result = -1;

	if (!PyArg_ParseTuple(arguments, "pO!", &by_group, &PyTuple_Type, &fields))
		return NULL;
	texts = texts_of(fields);
	if (texts == NULL)
		return NULL;
	BEGIN(self)
	if (is_open(self))
		result = by_group ? cap_grp_limit_fields(self->chan, texts, (size_t)PyTuple_Size(fields))
				  : cap_pwd_limit_fields(self->chan, texts, (size_t)PyTuple_Size(fields));
	END(self)
	PyMem_Free((void *)texts);
	return none_or_error(result);
}

/* Files */

/* The names as C has them, pointing into the tuple, in an array that the caller frees. NULL with an exception. */
static char **paths_of(PyObject *tuple)
{
	char **paths = PyMem_Calloc((size_t)PyTuple_Size(tuple) + 1, sizeof(*paths));

	if (paths == NULL)
		PyErr_NoMemory();
	for (Py_ssize_t at = 0; paths != NULL && at < PyTuple_Size(tuple); at++) {
		if (PyBytes_AsStringAndSize(PyTuple_GetItem(tuple, at), &paths[at], NULL) != 0) {
			PyMem_Free(paths);
			return NULL;
		}
	}
	return paths;
}

/* A channel that holds its fileargs too, so that both can be asked. */
static PyObject *channel_of_files(PyObject *module, fileargs_t *files, bool named)
{
	cap_channel_t *chan = NULL;
	int flags;

	if (named) { /* without names there is no service */
		chan = fileargs_unwrap(files, &flags);
		files = fileargs_wrap(chan, flags);
		if (files == NULL)
			return PyErr_NoMemory();
	}
	return (PyObject *)new_channel(module, chan, files);
}

/* open_files(names, flags, mode, rights, operations): rights as text, or None to leave all. */
static PyObject *open_files(PyObject *module, PyObject *arguments)
{
	PyObject *names;
	const char *text;
	cap_rights_t rights;
	char **paths;
	int flags;
	int operations;
	int mode;
	fileargs_t *files;
	int error;

	if (!PyArg_ParseTuple(arguments, "O!iizi", &PyTuple_Type, &names, &flags, &mode, &text, &operations))
		return NULL;
	if (text != NULL && ce_rights_parse(text, &rights, NULL) != 0)
		return PyErr_Format(PyExc_ValueError, "no rights: %s", text);
	paths = paths_of(names);
	if (paths == NULL)
		return NULL;
	PyOS_BeforeFork();
	files = fileargs_init((int)PyTuple_Size(names), paths, flags, (mode_t)mode, text != NULL ? &rights : NULL,
			      operations);
	error = errno;
	PyOS_AfterFork_Parent();
	PyMem_Free(paths);
	errno = error;
	if (files == NULL)
		return PyErr_SetFromErrno(PyExc_OSError);
	return channel_of_files(module, files, PyTuple_Size(names) > 0);
}

static bool has_files(const Channel *self)
{
	if (self->files != NULL)
		return true;
	errno = EBADF;
	return false;
}

static PyObject *Channel_open(Channel *self, PyObject *name)
{
	const char *text = PyBytes_AsString(name);
	int fd = -1;

	if (text == NULL)
		return NULL;
	BEGIN(self)
	if (has_files(self))
		fd = fileargs_open(self->files, text);
	END(self)
	return fd < 0 ? PyErr_SetFromErrno(PyExc_OSError) : PyLong_FromLong(fd);
}

/* What os.stat_result is made of: its first ten fields, and the times in nanoseconds. */
static PyObject *Channel_lstat(Channel *self, PyObject *name)
{
	const char *text = PyBytes_AsString(name);
	struct stat status;
	int result = -1;

	if (text == NULL)
		return NULL;
	BEGIN(self)
	if (has_files(self))
		result = fileargs_lstat(self->files, text, &status);
	END(self)
	if (result != 0)
		return PyErr_SetFromErrno(PyExc_OSError);
	return Py_BuildValue("IKKKLLLLLL", (unsigned)status.st_mode, (unsigned long long)status.st_ino,
			     (unsigned long long)status.st_dev, (unsigned long long)status.st_nlink,
			     (long long)status.st_uid, (long long)status.st_gid, (long long)status.st_size,
			     (long long)status.st_atime, (long long)status.st_mtime, (long long)status.st_ctime);
}

static PyObject *Channel_realpath(Channel *self, PyObject *name)
{
	const char *text = PyBytes_AsString(name);
	char *path = NULL;
	PyObject *result;

	if (text == NULL)
		return NULL;
	BEGIN(self)
	if (has_files(self))
		path = fileargs_realpath(self->files, text, NULL);
	END(self)
	if (path == NULL)
		return PyErr_SetFromErrno(PyExc_OSError);
	result = PyBytes_FromString(path);
	free(path);
	return result;
}

/* The log */

static PyObject *Channel_openlog(Channel *self, PyObject *arguments)
{
	const char *ident;
	int option;
	int facility;

	if (!PyArg_ParseTuple(arguments, "zii", &ident, &option, &facility))
		return NULL;
	BEGIN(self)
	if (is_open(self))
		cap_openlog(self->chan, ident, option, facility);
	END(self)
	Py_RETURN_NONE;
}

static PyObject *Channel_syslog(Channel *self, PyObject *arguments)
{
	const char *text;
	int priority;
	int error;

	if (!PyArg_ParseTuple(arguments, "is", &priority, &text))
		return NULL;
	BEGIN(self)
	if (is_open(self))
		cap_syslog(self->chan, priority, "%s", text);
	error = errno;
	END(self)
	errno = error;
	return none_or_error(error == EBADF || error == EPIPE || error == ENOTCONN ? -1 : 0);
}

static PyObject *Channel_setlogmask(Channel *self, PyObject *mask)
{
	int wanted = (int)PyLong_AsLong(mask);
	int before = 0;
	int error;

	if (wanted == -1 && PyErr_Occurred() != NULL)
		return NULL;
	BEGIN(self)
	if (is_open(self))
		before = cap_setlogmask(self->chan, wanted);
	error = errno;
	END(self)
	errno = error;
	return before == 0 ? PyErr_SetFromErrno(PyExc_OSError) : PyLong_FromLong(before);
}

/* The module */

#define METHOD(name, how)                                                     \
	{                                                                     \
#name, (PyCFunction)(void (*)(void))Channel_##name, how, NULL \
	}

static PyMethodDef channel_methods[] = {
	METHOD(bind, METH_VARARGS),
	METHOD(clone, METH_NOARGS),
	METHOD(close, METH_NOARGS),
	METHOD(connect, METH_VARARGS),
	METHOD(enforcement, METH_NOARGS),
	METHOD(entry, METH_VARARGS),
	METHOD(fileno, METH_NOARGS),
	METHOD(getaddrinfo, METH_VARARGS),
	METHOD(getnameinfo, METH_VARARGS),
	METHOD(limit_entries, METH_VARARGS),
	METHOD(limit_fields, METH_VARARGS),
	METHOD(limit_net, METH_VARARGS),
	METHOD(lstat, METH_O),
	METHOD(open, METH_O),
	METHOD(openlog, METH_VARARGS),
	METHOD(realpath, METH_O),
	METHOD(rewind, METH_O),
	METHOD(setlogmask, METH_O),
	METHOD(syslog, METH_VARARGS),
	{ NULL, NULL, 0, NULL },
};

static PyType_Slot channel_slots[] = {
	{ Py_tp_dealloc, SLOT(Channel_dealloc) },
	{ Py_tp_methods, channel_methods },
	{ 0, NULL },
};

static PyType_Spec channel_spec = {
	.name = "pycapsicum._casper.Channel",
	.basicsize = sizeof(Channel),
	.flags = Py_TPFLAGS_DEFAULT,
	.slots = channel_slots,
};

static int execute(PyObject *module)
{
	module_state *state = PyModule_GetState(module);

	state->channel_type = PyType_FromModuleAndSpec(module, &channel_spec, NULL);
	if (state->channel_type == NULL)
		return -1;
	Py_INCREF(state->channel_type);
	if (PyModule_AddObject(module, "Channel", state->channel_type) == 0)
		return 0;
	Py_DECREF(state->channel_type);
	return -1;
}

static int traverse(PyObject *module, visitproc visit, void *arg)
{
	module_state *state = PyModule_GetState(module);

	if (state != NULL)
		Py_VISIT(state->channel_type);
	return 0;
}

static int clear(PyObject *module)
{
	module_state *state = PyModule_GetState(module);

	if (state != NULL)
		Py_CLEAR(state->channel_type);
	return 0;
}

static PyMethodDef functions[] = {
	{ "open_service", open_service, METH_O, NULL },
	{ "open_files", open_files, METH_VARARGS, NULL },
	{ NULL, NULL, 0, NULL },
};

static PyModuleDef_Slot slots[] = {
	{ Py_mod_exec, SLOT(execute) },
#ifdef Py_MOD_PER_INTERPRETER_GIL_SUPPORTED
	{ Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED },
#endif
#ifdef Py_MOD_GIL_NOT_USED
	{ Py_mod_gil, Py_MOD_GIL_NOT_USED },
#endif
	{ 0, NULL },
};

static struct PyModuleDef definition = {
	PyModuleDef_HEAD_INIT,	.m_name = "_casper", .m_size = sizeof(module_state),
	.m_methods = functions, .m_slots = slots,    .m_traverse = traverse,
	.m_clear = clear,
};

PyMODINIT_FUNC PyInit__casper(void)
{
	return PyModuleDef_Init(&definition);
}
