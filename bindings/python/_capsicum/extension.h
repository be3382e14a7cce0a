/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the extension share: the module's state, arguments, errors, and CapRights.
 *
 * The extension makes system calls and holds sets of rights; everything with policy is Python, in ../pycapsicum.
 * Nothing is global: types belong to the module object, limits and modes to the kernel.
 */
#ifndef PYCAPSICUM_EXTENSION_H
#define PYCAPSICUM_EXTENSION_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>
#include <stdint.h>

#define CAPSICUM_EASY_DECLARATIONS /* rights.c has the functions */
#include <capsicum_easy.h>

#include "generated.h" /* from ../_capsicum.pyi and the model of rights: docstrings, names */

#if PY_VERSION_HEX < 0x030D0000 /* only builds without the GIL lock an object; before 3.13 there are none */
#define Py_BEGIN_CRITICAL_SECTION(object) {
#define Py_END_CRITICAL_SECTION() }
#endif

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Slots and methods hold functions of any kind, by detours that ISO C allows. */
#define SLOT(function) ((void *)(uintptr_t)(function))
#define KEYWORDS(function) (PyCFunction)(void (*)(void)) function, METH_VARARGS | METH_KEYWORDS

typedef struct {
	PyObject *error;       /* the class of errors: CapsicumError, which Python defines and hands over */
	PyObject *rights_type; /* CapRights */
	PyObject *names;       /* tuple of str: the names of ce_right_at(i) */
} module_state;

static inline module_state *state_of_module(PyObject *module)
{
	return (module_state *)PyModule_GetState(module);
}

/* -- convert.c */

/* Raises the class of errors for errno; path (may be NULL) is the file it is about. Returns NULL. */
PyObject *raise_errno(module_state *state, PyObject *path);
/* The text of an errno. */
PyObject *error_text(int error);
/* An int, never a bool, from least to most; -1 with an exception that names `what` and the value. */
int whole_number(PyObject *object, const char *what, long long least, long long most, long long *result);
/* The one argument of a function, which has a name: a borrowed reference, or NULL with an exception set. */
PyObject *one_argument(PyObject *args, PyObject *kwargs, const char *format, const char *name);
/* The one argument, fd, of a function; -1 with an exception set. */
int one_descriptor(PyObject *args, PyObject *kwargs, const char *format);
/* Converters for "O&": a descriptor, or an object with fileno(); the same or AT_FDCWD. */
int descriptor_argument(PyObject *object, void *fd);
int directory_argument(PyObject *object, void *fd);
/* Rights: names, constants, CapRights, text, or an iterable of them; -1 with an exception set. */
int rights_argument(PyObject *object, cap_rights_t *set);

/* -- rights.c */

extern PyType_Spec rights_spec;

/* Whether it is a CapRights, or of a subclass. */
bool is_rights(PyObject *object);
module_state *state_of_rights(PyObject *self);
cap_rights_t rights_value(PyObject *self);
void rights_assign(PyObject *self, const cap_rights_t *value);
/* A new CapRights, or of a subclass of it. */
PyObject *rights_alloc(PyTypeObject *type, const cap_rights_t *value);

/* -- limits.c */

PyObject *rights_limit(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *rights_get(PyObject *self, PyObject *args, PyObject *kwargs);
extern PyMethodDef limit_functions[];

/* -- calls.c */

extern PyMethodDef call_functions[];

#endif
