/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Limits of descriptors: rights, ioctl and fcntl commands; and words about them.
 */
#include "extension.h"

#include <errno.h>
#include <string.h>

/* Limits each object's descriptor to the rights; -1 with an exception set, or with errno and none. */
static int limit_each(PyObject *const *objects, Py_ssize_t count, const cap_rights_t *rights)
{
	const struct ce_descriptor entry = { 0, rights, NULL, CE_IOCTLS_KEEP, CE_FCNTLS_KEEP };
	struct ce_descriptor *descriptors = PyMem_New(struct ce_descriptor, (size_t)count);
	Py_ssize_t i;
	int result = 0;

	if (descriptors == NULL) {
		PyErr_NoMemory();
		return -1;
	}
	for (i = 0; result == 0 && i < count; i++) {
		descriptors[i] = entry;
		result = descriptor_argument(objects[i], &descriptors[i].fd) ? 0 : -1;
	}
	if (result == 0)
		result = ce_limit_each(descriptors, (size_t)count);
	PyMem_Free(descriptors);
	return result;
}

PyObject *rights_limit(PyObject *self, PyObject *args, PyObject *kwargs)
{
	cap_rights_t value = rights_value(self);
	PyObject *object;
	int result;

	if (PyTuple_GET_SIZE(args) > 1 && kwargs == NULL) {
		result = limit_each(PySequence_Fast_ITEMS(args), PyTuple_GET_SIZE(args), &value);
	} else {
		object = one_argument(args, kwargs, "O:limit", "fd");
		if (object == NULL)
			return NULL;
		result = limit_each(&object, 1, &value);
	}
	if (result != 0)
		return PyErr_Occurred() != NULL ? NULL : raise_errno(state_of_rights(self), NULL);
	Py_RETURN_NONE;
}

PyObject *rights_get(PyObject *self, PyObject *args, PyObject *kwargs)
{
	cap_rights_t value;
	int fd = one_descriptor(args, kwargs, "O&:get");

	if (fd < 0)
		return NULL;
	if (ce_get_rights(fd, &value) != 0)
		return raise_errno(state_of_rights(self), NULL);
	rights_assign(self, &value);
	Py_RETURN_NONE;
}

/* ------------------------------------------------------------ ioctl commands */

static int fill_commands(PyObject *tuple, unsigned long *commands)
{
	Py_ssize_t i;

	for (i = 0; i < PyTuple_GET_SIZE(tuple); i++) {
		PyObject *item = PyTuple_GET_ITEM(tuple, i);

		if (!PyLong_Check(item) || PyBool_Check(item)) {
			PyErr_Format(PyExc_TypeError, "an ioctl command must be an int, not %R", item);
			return -1;
		}
		commands[i] = PyLong_AsUnsignedLong(item);
		if (commands[i] == (unsigned long)-1 && PyErr_Occurred() != NULL) {
			PyErr_Clear();
			PyErr_Format(PyExc_ValueError, "ioctl command out of range: %R", item);
			return -1;
		}
	}
	return 0;
}

static PyObject *ioctls_limit(PyObject *module, PyObject *args, PyObject *kwargs)
{
	static char *names[] = { "fd", "cmdlist", NULL };
	PyObject *list, *tuple;
	unsigned long *commands;
	int fd, result = -1;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&O:ioctls_limit", names, descriptor_argument, &fd, &list))
		return NULL;
	tuple = PySequence_Tuple(list); /* one of our own: nobody else can change it meanwhile */
	if (tuple == NULL)
		return NULL;
	commands = PyMem_New(unsigned long, (size_t)PyTuple_GET_SIZE(tuple) + 1);
	if (commands == NULL)
		PyErr_NoMemory();
	else if (fill_commands(tuple, commands) == 0) {
		result = ce_limit_ioctls(fd, commands, (size_t)PyTuple_GET_SIZE(tuple));
		if (result != 0)
			raise_errno(state_of_module(module), NULL);
	}
	PyMem_Free(commands);
	Py_DECREF(tuple);
	return result == 0 ? Py_BuildValue("") : NULL;
}

/* (count, [commands]), the count being CAP_IOCTLS_ALL where there is no limit. */
static PyObject *ioctls_get(PyObject *module, PyObject *args, PyObject *kwargs)
{
	unsigned long commands[CE_IOCTLS_MAX];
	PyObject *list, *item;
	ssize_t count, i;
	int fd = one_descriptor(args, kwargs, "O&:ioctls_get");

	if (fd < 0)
		return NULL;
	count = ce_get_ioctls(fd, commands, CE_IOCTLS_MAX);
	if (count > (ssize_t)CE_IOCTLS_MAX && count != CAP_IOCTLS_ALL) {
		errno = EOVERFLOW;
		count = -1;
	}
	if (count < 0)
		return raise_errno(state_of_module(module), NULL);
	list = PyList_New(count == CAP_IOCTLS_ALL ? 0 : count);
	for (i = 0; list != NULL && i < PyList_GET_SIZE(list); i++) {
		item = PyLong_FromUnsignedLong(commands[i]);
		if (item != NULL)
			PyList_SET_ITEM(list, i, item);
		else
			Py_CLEAR(list);
	}
	return list == NULL ? NULL : Py_BuildValue("nN", (Py_ssize_t)count, list);
}

/* ------------------------------------------------------------ fcntl commands */

static PyObject *fcntls_limit(PyObject *module, PyObject *args, PyObject *kwargs)
{
	static char *names[] = { "fd", "rights", NULL };
	PyObject *object;
	long long rights;
	int fd;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&O:fcntls_limit", names, descriptor_argument, &fd, &object) ||
	    whole_number(object, "rights", 0, UINT32_MAX, &rights) != 0)
		return NULL;
	if (ce_limit_fcntls(fd, (uint32_t)rights) != 0)
		return raise_errno(state_of_module(module), NULL);
	Py_RETURN_NONE;
}

static PyObject *fcntls_get(PyObject *module, PyObject *args, PyObject *kwargs)
{
	uint32_t rights;
	int fd = one_descriptor(args, kwargs, "O&:fcntls_get");

	if (fd < 0)
		return NULL;
	if (ce_get_fcntls(fd, &rights) != 0)
		return raise_errno(state_of_module(module), NULL);
	return Py_BuildValue("Ii", (unsigned)rights, 0);
}

/* limit_stream(fd, flags): CE_STREAM_ flags. */
static PyObject *limit_stream(PyObject *module, PyObject *args)
{
	unsigned flags;
	int fd;

	if (!PyArg_ParseTuple(args, "O&I:limit_stream", descriptor_argument, &fd, &flags))
		return NULL;
	if (ce_limit_stream(fd, flags) != 0)
		return raise_errno(state_of_module(module), NULL);
	Py_RETURN_NONE;
}

static PyObject *limit_stdio(PyObject *module, PyObject *Py_UNUSED(ignored))
{
	if (ce_limit_stdio() != 0)
		return raise_errno(state_of_module(module), NULL);
	Py_RETURN_NONE;
}

/* -------------------------------------------------------------------- words */

static PyObject *call_needs(PyObject *module, PyObject *args, PyObject *kwargs)
{
	PyObject *object = one_argument(args, kwargs, "U:needs", "call");
	cap_rights_t rights;
	const char *call = object == NULL ? NULL : PyUnicode_AsUTF8(object);

	if (call == NULL)
		return NULL;
	if (ce_call_needs(call, &rights) != 0) {
		PyErr_Format(PyExc_ValueError, "no call is known as %R", object);
		return NULL;
	}
	return rights_alloc((PyTypeObject *)state_of_module(module)->rights_type, &rights);
}

/* The text of ce_right_allows() for a constant, or None. */
static PyObject *right_allows(PyObject *Py_UNUSED(module), PyObject *constant)
{
	unsigned long long right = PyLong_AsUnsignedLongLong(constant);

	if (right == (unsigned long long)-1 && PyErr_Occurred() != NULL)
		return NULL;
	return Py_BuildValue("s", ce_right_allows(right));
}

#define SENTENCE 4096 /* longer than any list of rights and commands that is not cut */

static PyObject *describe(PyObject *module, PyObject *args, PyObject *kwargs)
{
	char text[SENTENCE];
	int fd = one_descriptor(args, kwargs, "O&:describe");

	if (fd < 0)
		return NULL;
	if (ce_describe(fd, text, sizeof(text)) < 0)
		return raise_errno(state_of_module(module), NULL);
	return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace");
}

/* explain(errno, fd, call); -1 in the place of fd: there is none. */
static PyObject *explain(PyObject *Py_UNUSED(module), PyObject *args)
{
	char text[SENTENCE];
	const char *call;
	int error, fd;

	if (!PyArg_ParseTuple(args, "iis:_explain", &error, &fd, &call))
		return NULL;
	(void)ce_explain(error, fd, call, text, sizeof(text));
	return PyUnicode_DecodeLocale(text, "surrogateescape");
}

static PyObject *explain_lost(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
	char text[SENTENCE];

	(void)ce_explain_lost(text, sizeof(text));
	return PyUnicode_DecodeLocale(text, "surrogateescape");
}

PyMethodDef limit_functions[] = { { "ioctls_limit", KEYWORDS(ioctls_limit), DOC_ioctls_limit },
				  { "ioctls_get", KEYWORDS(ioctls_get), DOC_ioctls_get },
				  { "fcntls_limit", KEYWORDS(fcntls_limit), DOC_fcntls_limit },
				  { "fcntls_get", KEYWORDS(fcntls_get), DOC_fcntls_get },
				  { "_limit_stream", limit_stream, METH_VARARGS, DOC__limit_stream },
				  { "limit_stdio", limit_stdio, METH_NOARGS, DOC_limit_stdio },
				  { "needs", KEYWORDS(call_needs), DOC_needs },
				  { "describe", KEYWORDS(describe), DOC_describe },
				  { "_right_allows", right_allows, METH_O, DOC__right_allows },
				  { "_explain", explain, METH_VARARGS, DOC__explain },
				  { "explain_lost", explain_lost, METH_NOARGS, DOC_explain_lost },
				  { NULL, NULL, 0, NULL } };
