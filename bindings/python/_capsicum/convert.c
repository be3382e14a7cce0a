/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Between Python's objects and C's values: errors, descriptors, numbers, rights.
 */
#include "extension.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

PyObject *error_text(int error)
{
	return PyUnicode_DecodeLocale(ce_strerror(error), "surrogateescape");
}

PyObject *raise_errno(module_state *state, PyObject *path)
{
	int error = errno;
	PyObject *text = error_text(error), *exception;

	if (text == NULL)
		return NULL;
	exception = PyObject_CallFunction(state->error, path == NULL ? "iO" : "iOO", error, text, path);
	Py_DECREF(text);
	if (exception != NULL) {
		PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
		Py_DECREF(exception);
	}
	return NULL;
}

/* ------------------------------------------------------- numbers and descriptors */

PyObject *one_argument(PyObject *args, PyObject *kwargs, const char *format, const char *name)
{
	char *names[] = { (char *)(uintptr_t)name, NULL };
	PyObject *object;

	return PyArg_ParseTupleAndKeywords(args, kwargs, format, names, &object) ? object : NULL;
}

int whole_number(PyObject *object, const char *what, long long least, long long most, long long *result)
{
	int overflow;

	if (!PyLong_Check(object) || PyBool_Check(object)) {
		PyErr_Format(PyExc_TypeError, "%s must be an int, not %R", what, object);
		return -1;
	}
	*result = PyLong_AsLongLongAndOverflow(object, &overflow);
	if (overflow != 0 || *result < least || *result > most) {
		PyErr_Format(PyExc_ValueError, "%s out of range: %R", what, object);
		return -1;
	}
	return 0;
}

/* The number behind an int or an object with fileno(); a new reference. */
static PyObject *descriptor_number(PyObject *object)
{
	PyObject *fileno, *number;

	if (PyLong_Check(object) && !PyBool_Check(object)) {
		Py_INCREF(object);
		return object;
	}
	fileno = PyObject_GetAttrString(object, "fileno");
	if (fileno == NULL) {
		if (PyErr_ExceptionMatches(PyExc_AttributeError)) {
			PyErr_Clear();
			PyErr_Format(PyExc_TypeError, "a descriptor is an int or an object with fileno(), not %R",
				     object);
		}
		return NULL;
	}
	number = PyObject_CallObject(fileno, NULL);
	Py_DECREF(fileno);
	if (number != NULL && (!PyLong_Check(number) || PyBool_Check(number))) {
		PyErr_Format(PyExc_TypeError, "fileno() of %R gives %R, not an int", object, number);
		Py_CLEAR(number);
	}
	return number;
}

int descriptor_argument(PyObject *object, void *fd)
{
	PyObject *number = descriptor_number(object);
	long long value;
	int result;

	if (number == NULL)
		return 0;
	result = whole_number(number, "file descriptor", 0, INT_MAX, &value);
	Py_DECREF(number);
	if (result == 0)
		*(int *)fd = (int)value;
	return result == 0;
}

int directory_argument(PyObject *object, void *fd)
{
	if (PyLong_Check(object) && !PyBool_Check(object) && PyLong_AsLong(object) == AT_FDCWD) {
		*(int *)fd = AT_FDCWD;
		return 1;
	}
	PyErr_Clear();
	return descriptor_argument(object, fd);
}

int one_descriptor(PyObject *args, PyObject *kwargs, const char *format)
{
	static char *names[] = { "fd", NULL };
	int fd;

	return PyArg_ParseTupleAndKeywords(args, kwargs, format, names, descriptor_argument, &fd) ? fd : -1;
}

/* ---------------------------------------------------------------- rights */

/* What is wrong with a text: the word, where it stands, the nearest name. */
static void raise_no_right(const char *text, size_t size, const struct ce_text_error *error)
{
	PyObject *word = PyUnicode_DecodeUTF8(text + error->position, (Py_ssize_t)error->length, "replace");

	if (word == NULL)
		return;
	if (error->length == size && error->suggestion != NULL)
		PyErr_Format(PyExc_ValueError, "%R is no right; the nearest is '%s'", word, error->suggestion);
	else if (error->length == size)
		PyErr_Format(PyExc_ValueError, "%R is no right", word);
	else if (error->suggestion != NULL)
		PyErr_Format(PyExc_ValueError, "%R at position %zu of '%s' is no right; the nearest is '%s'", word,
			     error->position, text, error->suggestion);
	else
		PyErr_Format(PyExc_ValueError, "%R at position %zu of '%s' is no right", word, error->position, text);
	Py_DECREF(word);
}

/* Adds what a text names: "CAP_READ", or several with commas. */
static int add_text(PyObject *object, cap_rights_t *set)
{
	Py_ssize_t size;
	const char *text = PyUnicode_AsUTF8AndSize(object, &size);
	struct ce_text_error error;
	cap_rights_t parsed;
	uint64_t right;

	if (text == NULL)
		return -1;
	right = ce_right_by_name_n(text, (size_t)size);
	if (right != 0)
		return ce_rights_set(set, right);
	if (strlen(text) != (size_t)size) {
		PyErr_Format(PyExc_ValueError, "%R is no right", object);
		return -1;
	}
	if (ce_rights_parse(text, &parsed, &error) != 0) {
		raise_no_right(text, (size_t)size, &error);
		return -1;
	}
	return ce_rights_merge(set, &parsed);
}

/* Adds a CAP_ constant. */
static int add_constant(PyObject *object, cap_rights_t *set)
{
	unsigned long long right = PyLong_AsUnsignedLongLong(object);

	if (right == (unsigned long long)-1 && PyErr_Occurred() != NULL)
		PyErr_Clear();
	else if (ce_rights_set(set, right) == 0)
		return 0;
	PyErr_Format(PyExc_ValueError, "%R is no right (constants of different words cannot be ORed: give a list)",
		     object);
	return -1;
}

/* Adds one name, text, constant or CapRights; 1 if the object is none of them. */
static int add_one(PyObject *object, cap_rights_t *set)
{
	if (PyUnicode_Check(object))
		return add_text(object, set);
	if (PyLong_Check(object))
		return add_constant(object, set);
	if (is_rights(object)) {
		cap_rights_t value = rights_value(object);

		return ce_rights_merge(set, &value);
	}
	return 1;
}

static int not_rights(PyObject *object)
{
	PyErr_Format(PyExc_TypeError, "rights are names, CAP_ constants, a CapRights or a list of them, not %R",
		     object);
	return -1;
}

/* Adds each item of an iterable. */
static int add_items(PyObject *object, cap_rights_t *set)
{
	PyObject *iterator = PyObject_GetIter(object), *item;
	int result = 0;

	if (iterator == NULL) {
		if (!PyErr_ExceptionMatches(PyExc_TypeError))
			return -1;
		PyErr_Clear();
		return not_rights(object);
	}
	for (; result == 0 && (item = PyIter_Next(iterator)) != NULL; Py_DECREF(item)) {
		result = add_one(item, set);
		if (result > 0)
			result = not_rights(item);
	}
	Py_DECREF(iterator);
	return result != 0 || PyErr_Occurred() != NULL ? -1 : 0;
}

int rights_argument(PyObject *object, cap_rights_t *set)
{
	static const cap_rights_t none = CE_RIGHTS();
	int result;

	*set = none;
	result = add_one(object, set);
	if (result <= 0)
		return result;
	if (PyBytes_Check(object) || PyByteArray_Check(object))
		return not_rights(object);
	return add_items(object, set);
}
