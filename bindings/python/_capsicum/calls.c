/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Capability mode, new descriptors, processes: what is done rather than limited. What may block lets other threads run,
 * and is done again when a signal came between (PEP 475).
 */
#include "extension.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#ifdef __FreeBSD__
#include <sys/procdesc.h>
#endif
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Whether to call again; the handlers of signals have run then. */
static bool interrupted(int result, int error)
{
	return result < 0 && error == EINTR && PyErr_CheckSignals() == 0;
}

/* A result that is not negative as an int; an exception for others. */
static PyObject *number_or_error(PyObject *module, int result, int error, PyObject *path)
{
	if (result >= 0)
		return PyLong_FromLong(result);
	errno = error;
	return PyErr_Occurred() != NULL ? NULL : raise_errno(state_of_module(module), path);
}

/* The same for a call that has just been made. It reads errno itself: C may evaluate an argument before the call. */
static PyObject *number_of_call(PyObject *module, int result)
{
	return number_or_error(module, result, errno, NULL);
}

/* ---------------------------------------------------------- capability mode */

static PyObject *enter(PyObject *module, PyObject *Py_UNUSED(ignored))
{
	if (ce_enter() != 0)
		return raise_errno(state_of_module(module), NULL);
	Py_RETURN_NONE;
}

static PyObject *sandboxed(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
	return PyBool_FromLong(ce_sandboxed());
}

static PyObject *mode_of_process(PyObject *module, PyObject *Py_UNUSED(ignored))
{
	unsigned mode;

	if (ce_getmode(&mode) != 0)
		return raise_errno(state_of_module(module), NULL);
	return PyLong_FromUnsignedLong(mode);
}

/* The CE_ENFORCE_ flags. */
static PyObject *enforcement(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
	return PyLong_FromUnsignedLong(ce_enforcement());
}

static PyObject *error_string(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
	PyObject *object = one_argument(args, kwargs, "O:strerror", "errno");
	long long error;

	if (object == NULL || whole_number(object, "errno", INT_MIN, INT_MAX, &error) != 0)
		return NULL;
	return error_text((int)error);
}

/* ------------------------------------------------------------------ opening */

/* A converter for "O&": rights, or None to leave them all. wanted.rights is what the makers of descriptors take. */
struct wanted {
	const cap_rights_t *rights;
	cap_rights_t set;
};

static int wanted_argument(PyObject *object, void *result)
{
	struct wanted *wanted = (struct wanted *)result;

	wanted->rights = object == Py_None ? CE_RIGHTS_KEEP : &wanted->set;
	return object == Py_None || rights_argument(object, &wanted->set) == 0;
}

/* Opens path beneath dirfd, or anywhere if beneath is false: the descriptor or an exception. */
static PyObject *open_path(PyObject *module, PyObject *path, int dirfd, bool beneath, int flags, unsigned mode,
			   const cap_rights_t *rights)
{
	PyThreadState *others;
	PyObject *bytes;
	int fd, error;

	if (PySys_Audit("open", "OOi", path, Py_None, flags) != 0 || !PyUnicode_FSConverter(path, &bytes))
		return NULL;
	do {
		others = PyEval_SaveThread();
		fd = beneath ? ce_openat(dirfd, PyBytes_AS_STRING(bytes), flags, mode, rights)
			     : ce_open(PyBytes_AS_STRING(bytes), flags, mode, rights);
		error = errno;
		PyEval_RestoreThread(others);
	} while (interrupted(fd, error));
	Py_DECREF(bytes);
	return number_or_error(module, fd, error, path);
}

/* The permissions of a file that is made. */
static int mode_argument(PyObject *object, void *result)
{
	long long mode;

	if (whole_number(object, "mode", 0, 07777, &mode) != 0)
		return 0;
	*(unsigned *)result = (unsigned)mode;
	return 1;
}

static PyObject *open_anywhere(PyObject *module, PyObject *args)
{
	struct wanted wanted;
	PyObject *path;
	unsigned mode;
	int flags;

	if (!PyArg_ParseTuple(args, "OiO&O&:_open", &path, &flags, mode_argument, &mode, wanted_argument, &wanted))
		return NULL;
	return open_path(module, path, AT_FDCWD, false, flags, mode, wanted.rights);
}

static PyObject *open_beneath(PyObject *module, PyObject *args)
{
	struct wanted wanted;
	PyObject *path;
	unsigned mode;
	int dirfd, flags;

	if (!PyArg_ParseTuple(args, "O&OiO&O&:_openat", directory_argument, &dirfd, &path, &flags, mode_argument, &mode,
			      wanted_argument, &wanted))
		return NULL;
	return open_path(module, path, dirfd, true, flags, mode, wanted.rights);
}

/* ------------------------------------------------- sockets, pipes and copies */

/* (descriptor, the peer's address as it is in memory). */
static PyObject *accept_one(PyObject *module, PyObject *args)
{
	struct sockaddr_storage address;
	socklen_t length;
	struct wanted wanted;
	PyThreadState *others;
	int listener, fd, error;

	if (!PyArg_ParseTuple(args, "iO&:_accept", &listener, wanted_argument, &wanted))
		return NULL;
	do {
		length = sizeof(address);
		others = PyEval_SaveThread();
		fd = ce_accept(listener, wanted.rights, (struct sockaddr *)&address, &length);
		error = errno;
		PyEval_RestoreThread(others);
	} while (interrupted(fd, error));
	if (fd < 0)
		return number_or_error(module, fd, error, NULL);
	if (length > sizeof(address))
		length = sizeof(address);
	return Py_BuildValue("iy#", fd, (const char *)&address, (Py_ssize_t)length);
}

static PyObject *make_socket(PyObject *module, PyObject *args)
{
	struct wanted wanted;
	int domain, type, protocol;

	if (!PyArg_ParseTuple(args, "iiiO&:_socket", &domain, &type, &protocol, wanted_argument, &wanted))
		return NULL;
	return number_of_call(module, ce_socket(domain, type, protocol, wanted.rights));
}

static PyObject *make_socketpair(PyObject *module, PyObject *args)
{
	struct wanted wanted;
	int domain, type, protocol, pair[2];

	if (!PyArg_ParseTuple(args, "iiiO&:_socketpair", &domain, &type, &protocol, wanted_argument, &wanted))
		return NULL;
	if (ce_socketpair(domain, type, protocol, wanted.rights, pair) != 0)
		return raise_errno(state_of_module(module), NULL);
	return Py_BuildValue("ii", pair[0], pair[1]);
}

static PyObject *make_pipe(PyObject *module, PyObject *args)
{
	struct wanted reading, writing;
	int ends[2];

	if (!PyArg_ParseTuple(args, "O&O&:_pipe", wanted_argument, &reading, wanted_argument, &writing))
		return NULL;
	if (ce_pipe(0, reading.rights, writing.rights, ends) != 0)
		return raise_errno(state_of_module(module), NULL);
	return Py_BuildValue("ii", ends[0], ends[1]);
}

static PyObject *duplicate(PyObject *module, PyObject *args, PyObject *kwargs)
{
	int fd = one_descriptor(args, kwargs, "O&:dup");

	return fd < 0 ? NULL : number_of_call(module, ce_dup(fd));
}

static PyObject *take(PyObject *module, PyObject *args)
{
	struct wanted wanted;
	int fd;

	if (!PyArg_ParseTuple(args, "iO&:_take", &fd, wanted_argument, &wanted))
		return NULL;
	return number_of_call(module, ce_take(fd, wanted.rights));
}

/* ---------------------------------------------------------------- processes */

/* (process id, descriptor), in the child (0, -1). */
static PyObject *process_fork(PyObject *module, PyObject *Py_UNUSED(ignored))
{
	int error, fd = -1;
	pid_t pid;

	if (PyInterpreterState_Get() != PyInterpreterState_Main()) {
		PyErr_SetString(PyExc_RuntimeError, "fork not supported for subinterpreters");
		return NULL;
	}
	if (PySys_Audit("os.fork", NULL) != 0)
		return NULL;
	PyOS_BeforeFork();
	pid = pdfork(&fd, PD_CLOEXEC);
	error = errno;
	if (pid == 0)
		PyOS_AfterFork_Child();
	else
		PyOS_AfterFork_Parent();
	if (pid < 0)
		return number_or_error(module, -1, error, NULL);
	return Py_BuildValue("ii", (int)pid, pid == 0 ? -1 : fd);
}

/* _pdwait(fd): the status, as os.waitpid() gives it. */
static PyObject *process_wait(PyObject *module, PyObject *args, PyObject *kwargs)
{
	int fd = one_descriptor(args, kwargs, "O&:_pdwait"), status = 0, result, error;
	PyThreadState *others;

	if (fd < 0)
		return NULL;
	do {
		others = PyEval_SaveThread();
		result = ce_pdwait(fd, &status);
		error = errno;
		PyEval_RestoreThread(others);
	} while (interrupted(result, error));
	return number_or_error(module, result < 0 ? -1 : status, error, NULL);
}

static PyObject *process_kill(PyObject *module, PyObject *args)
{
	int fd, number;

	if (!PyArg_ParseTuple(args, "ii:_pdkill", &fd, &number))
		return NULL;
	return number_of_call(module, pdkill(fd, number));
}

/*
 * _close_range(first, last): above the limit for open files too, which may have been lowered since they were opened.
 * os.closerange() may try each number.
 */
static PyObject *close_some(PyObject *Py_UNUSED(module), PyObject *args)
{
	int first, last, fd;

	if (!PyArg_ParseTuple(args, "ii:_close_range", &first, &last))
		return NULL;
#ifdef SYS_close_range
	if (syscall(SYS_close_range, (long)first, (long)last, 0L) == 0)
		Py_RETURN_NONE;
#endif
	for (fd = ce_next_descriptor(first); fd >= 0 && fd <= last; fd = ce_next_descriptor(fd + 1))
		close(fd);
	Py_RETURN_NONE;
}

PyMethodDef call_functions[] = { { "_enter", enter, METH_NOARGS, DOC__enter },
				 { "sandboxed", sandboxed, METH_NOARGS, DOC_sandboxed },
				 { "getmode", mode_of_process, METH_NOARGS, DOC_getmode },
				 { "_enforcement", enforcement, METH_NOARGS, DOC__enforcement },
				 { "strerror", KEYWORDS(error_string), DOC_strerror },
				 { "_open", open_anywhere, METH_VARARGS, DOC__open },
				 { "_openat", open_beneath, METH_VARARGS, DOC__openat },
				 { "_accept", accept_one, METH_VARARGS, DOC__accept },
				 { "_socket", make_socket, METH_VARARGS, DOC__socket },
				 { "_socketpair", make_socketpair, METH_VARARGS, DOC__socketpair },
				 { "_pipe", make_pipe, METH_VARARGS, DOC__pipe },
				 { "dup", KEYWORDS(duplicate), DOC_dup },
				 { "_take", take, METH_VARARGS, DOC__take },
				 { "_pdfork", process_fork, METH_NOARGS, DOC__pdfork },
				 { "_pdwait", KEYWORDS(process_wait), DOC__pdwait },
				 { "_pdkill", process_kill, METH_VARARGS, DOC__pdkill },
				 { "_close_range", close_some, METH_VARARGS, DOC__close_range },
				 { NULL, NULL, 0, NULL } };
