/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pycapsicum: Capsicum for Python, over <capsicum_easy.h>.
 *
 * One file, in reading order: module state, errors, arguments, CapRights,
 * opening, limits on ioctl and fcntl, what rights are for, capability mode, and
 * the module itself.
 * Nothing is global: types and exceptions belong to the module object, limits
 * and modes to the kernel.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <capsicum_easy.h>

#ifndef PYCAPSICUM_VERSION
#error "PYCAPSICUM_VERSION must be defined by the build: the version of the package"
#endif

/* Only builds without the GIL lock an object; before 3.13 there are none. */
#if PY_VERSION_HEX < 0x030D0000
#define Py_BEGIN_CRITICAL_SECTION(object) {
#define Py_END_CRITICAL_SECTION() }
#endif

#if PY_VERSION_HEX < 0x030A0000
static PyObject *Py_NewRef(PyObject *object)
{
	Py_INCREF(object);
	return object;
}

static int PyModule_AddObjectRef(PyObject *module, const char *name, PyObject *value)
{
	int result;

	Py_INCREF(value);
	result = PyModule_AddObject(module, name, value);
	if (result != 0)
		Py_DECREF(value);
	return result;
}
#endif

/* Slots and methods hold functions of any kind, by detours that ISO C allows. */
#define SLOT(function) ((void *)(uintptr_t)(function))
#define FASTCALL_OF_TYPE(function) (PyCFunction)(void (*)(void)) function, METH_METHOD | METH_FASTCALL | METH_KEYWORDS

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* ------------------------------------------------------------- module state */

/* The classes of errors: CapsicumError, and one that is also each of these. */
enum error_kind {
	ERROR_PLAIN,
	ERROR_PERMISSION,
	ERROR_NOT_FOUND,
	ERROR_EXISTS,
	ERROR_NOT_A_DIRECTORY,
	ERROR_IS_A_DIRECTORY,
	ERROR_KINDS
};

typedef struct {
	PyObject *errors[ERROR_KINDS];
	PyObject *rights_type;	    /* CapRights */
	PyObject *directory_type;   /* Directory */
	PyObject *raw_type;	    /* FileIO that can do without CAP_SEEK */
	PyObject *enforcement_type; /* Enforcement */
	PyObject *names;	    /* tuple of str: the names of ce_right_at(i) */
	PyObject *io;		    /* the module, kept since nothing can be imported once sandboxed */
} module_state;

static module_state *state_of_module(PyObject *module)
{
	return (module_state *)PyModule_GetState(module);
}

/* A new type of the module, with one base or NULL (3.9 takes only a tuple of bases). */
static PyObject *new_type(PyObject *module, PyType_Spec *spec, PyObject *base)
{
	PyObject *bases = base == NULL ? NULL : PyTuple_Pack(1, base), *type;

	if (base != NULL && bases == NULL)
		return NULL;
	type = PyType_FromModuleAndSpec(module, spec, bases);
	Py_XDECREF(bases);
	return type;
}

/* The same, under its name in the module. */
static PyObject *add_type(PyObject *module, PyType_Spec *spec, PyObject *base)
{
	PyObject *type = new_type(module, spec, base);

	if (type != NULL && PyModule_AddType(module, (PyTypeObject *)type) != 0)
		Py_CLEAR(type);
	return type;
}

/* ------------------------------------------------------------------- errors */

static enum error_kind kind_of_errno(int error)
{
	switch (error) {
	case EPERM:
	case EACCES:
	case ENOTCAPABLE:
	case ECAPMODE:
		return ERROR_PERMISSION;
	case ENOENT:
		return ERROR_NOT_FOUND;
	case EEXIST:
		return ERROR_EXISTS;
	case ENOTDIR:
		return ERROR_NOT_A_DIRECTORY;
	case EISDIR:
		return ERROR_IS_A_DIRECTORY;
	default:
		return ERROR_PLAIN;
	}
}

static PyObject *error_text(int error)
{
	return PyUnicode_DecodeLocale(ce_strerror(error), "surrogateescape");
}

/* Raises CapsicumError for errno; path (may be NULL) is the file it is about. */
static PyObject *raise_errno(module_state *state, PyObject *path)
{
	int error = errno;
	PyObject *text = error_text(error), *exception;

	if (text == NULL)
		return NULL;
	exception = PyObject_CallFunction(state->errors[ERROR_PLAIN], path == NULL ? "iO" : "iOO", error, text, path);
	Py_DECREF(text);
	if (exception != NULL) {
		PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
		Py_DECREF(exception);
	}
	return NULL;
}

/*
 * As OSError(errno, text) does: the class follows the errno. Only for
 * CapsicumError itself, so that a subclass stays what it is.
 */
static PyObject *error_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
	module_state *state = (module_state *)PyType_GetModuleState(type);

	if (state == NULL) {
		PyErr_Clear();
	} else if (PyTuple_GET_SIZE(args) >= 2 && PyLong_Check(PyTuple_GET_ITEM(args, 0))) {
		int overflow;
		long error = PyLong_AsLongAndOverflow(PyTuple_GET_ITEM(args, 0), &overflow);

		if (error == (int)error)
			type = (PyTypeObject *)state->errors[kind_of_errno((int)error)];
	}
	return ((PyTypeObject *)PyExc_OSError)->tp_new(type, args, kwargs);
}

PyDoc_STRVAR(error_reduce_doc, "__reduce__($self, /)\n--\n\n"
			       "Pickle as CapsicumError, whose constructor finds the class for the errno.");

static PyObject *error_reduce(PyObject *self, PyTypeObject *defining, PyObject *const *Py_UNUSED(args),
			      Py_ssize_t Py_UNUSED(nargs), PyObject *Py_UNUSED(kwnames))
{
	module_state *state = (module_state *)PyType_GetModuleState(defining);
	PyObject *reduced = PyObject_CallMethod(PyExc_OSError, "__reduce__", "O", self);
	size_t kind;

	if (state == NULL || reduced == NULL)
		return reduced;
	for (kind = ERROR_PLAIN + 1; kind < ERROR_KINDS; kind++) {
		if ((PyObject *)Py_TYPE(self) != state->errors[kind])
			continue;
		Py_INCREF(state->errors[ERROR_PLAIN]);
		if (PyTuple_SetItem(reduced, 0, state->errors[ERROR_PLAIN]) != 0)
			Py_CLEAR(reduced);
		break;
	}
	return reduced;
}

static PyMethodDef error_methods[] = { { "__reduce__", FASTCALL_OF_TYPE(error_reduce), error_reduce_doc },
				       { NULL, NULL, 0, NULL } };

PyDoc_STRVAR(error_doc, "A call that the kernel refused; an OSError with errno, strerror and filename.\n\n"
			"What is not permitted (ENOTCAPABLE, ECAPMODE, EPERM, EACCES) is a PermissionError\n"
			"as well, a path that does not exist a FileNotFoundError, and so on.\n\n"
			"What is refused to other functions, such as os.write(), is an OSError with the\n"
			"same errno. Python on Linux knows neither name nor text of it; strerror() does.\n\n"
			">>> import pycapsicum\n"
			">>> try:\n"
			"...     pycapsicum.opendir('/no such directory')\n"
			"... except FileNotFoundError as error:\n"
			"...     isinstance(error, pycapsicum.CapsicumError)\n"
			"True\n");

static PyType_Slot error_slots[] = {
	{ Py_tp_doc, SLOT(error_doc) }, { Py_tp_new, SLOT(error_new) }, { Py_tp_methods, error_methods }, { 0, NULL }
};

static PyType_Spec error_spec = {
	.name = "pycapsicum.CapsicumError",
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
	.slots = error_slots,
};

static int add_errors(PyObject *module, module_state *state)
{
	PyObject *builtin[ERROR_KINDS];
	size_t kind;

	builtin[ERROR_PLAIN] = PyExc_OSError;
	builtin[ERROR_PERMISSION] = PyExc_PermissionError;
	builtin[ERROR_NOT_FOUND] = PyExc_FileNotFoundError;
	builtin[ERROR_EXISTS] = PyExc_FileExistsError;
	builtin[ERROR_NOT_A_DIRECTORY] = PyExc_NotADirectoryError;
	builtin[ERROR_IS_A_DIRECTORY] = PyExc_IsADirectoryError;

	state->errors[ERROR_PLAIN] = add_type(module, &error_spec, PyExc_OSError);
	if (state->errors[ERROR_PLAIN] == NULL)
		return -1;
	for (kind = ERROR_PLAIN + 1; kind < ERROR_KINDS; kind++) {
		state->errors[kind] = PyObject_CallFunction((PyObject *)&PyType_Type, "s(OO){ssss}", "CapsicumError",
							    state->errors[ERROR_PLAIN], builtin[kind], "__module__",
							    "pycapsicum", "__doc__", error_doc);
		if (state->errors[kind] == NULL)
			return -1;
	}
	return 0;
}

/* ---------------------------------------------------------------- arguments */

/* Functions take a tuple and a dict, for PyArg_ParseTupleAndKeywords(). */
#define KEYWORDS(function) (PyCFunction)(void (*)(void)) function, METH_VARARGS | METH_KEYWORDS

/* The one argument of a function, which has a name; a borrowed reference. */
static PyObject *one_argument(PyObject *args, PyObject *kwargs, const char *format, const char *name)
{
	char *names[] = { (char *)(uintptr_t)name, NULL };
	PyObject *object;

	return PyArg_ParseTupleAndKeywords(args, kwargs, format, names, &object) ? object : NULL;
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

/*
 * An int, never a bool, from least to most. The message names the value.
 */
static int whole_number(PyObject *object, const char *what, long long least, long long most, long long *result)
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

/* A converter: what descriptor_number() takes, into an int. */
static int descriptor_argument(PyObject *object, void *fd)
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

/* The same, and AT_FDCWD, which other functions with a dir_fd take too. */
static int directory_argument(PyObject *object, void *fd)
{
	if (PyLong_Check(object) && !PyBool_Check(object) && PyLong_AsLong(object) == AT_FDCWD) {
		*(int *)fd = AT_FDCWD;
		return 1;
	}
	PyErr_Clear();
	return descriptor_argument(object, fd);
}

/* The one argument, fd, of a function; -1 with an exception set. */
static int one_descriptor(PyObject *args, PyObject *kwargs, const char *format)
{
	static char *names[] = { "fd", NULL };
	int fd;

	return PyArg_ParseTupleAndKeywords(args, kwargs, format, names, descriptor_argument, &fd) ? fd : -1;
}

/* --------------------------------------------------------- rights as values */

typedef struct {
	PyObject_HEAD cap_rights_t rights;
} rights_object;

static void rights_dealloc(PyObject *);

/*
 * CapRights among the bases of a type, or NULL. What no subclass inherits tells
 * it: slots have no other way to their module before 3.11.
 */
static PyTypeObject *rights_base(PyTypeObject *type)
{
	while (type != NULL && type->tp_dealloc != rights_dealloc)
		type = type->tp_base;
	return type;
}

static int is_rights(PyObject *object)
{
	return rights_base(Py_TYPE(object)) != NULL;
}

static module_state *state_of_rights(PyObject *self)
{
	return (module_state *)PyType_GetModuleState(rights_base(Py_TYPE(self)));
}

static cap_rights_t rights_value(PyObject *self)
{
	cap_rights_t value;

	Py_BEGIN_CRITICAL_SECTION(self);
	value = ((rights_object *)self)->rights;
	Py_END_CRITICAL_SECTION();
	return value;
}

static void rights_assign(PyObject *self, const cap_rights_t *value)
{
	Py_BEGIN_CRITICAL_SECTION(self);
	((rights_object *)self)->rights = *value;
	Py_END_CRITICAL_SECTION();
}

static PyObject *rights_alloc(PyTypeObject *type, const cap_rights_t *value)
{
	PyObject *self = type->tp_alloc(type, 0);

	if (self != NULL)
		((rights_object *)self)->rights = *value;
	return self;
}

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

/* The rights that an argument stands for: anything that add_one() takes, or an iterable of it. */
static int rights_argument(PyObject *object, cap_rights_t *set)
{
	static const cap_rights_t none = CE_NO_RIGHTS;
	PyObject *iterator, *item;
	int result;

	*set = none;
	result = add_one(object, set);
	if (result <= 0)
		return result;
	if (PyBytes_Check(object) || PyByteArray_Check(object))
		return not_rights(object);
	iterator = PyObject_GetIter(object);
	if (iterator == NULL) {
		if (!PyErr_ExceptionMatches(PyExc_TypeError))
			return -1;
		PyErr_Clear();
		return not_rights(object);
	}
	for (result = 0; result == 0 && (item = PyIter_Next(iterator)) != NULL; Py_DECREF(item)) {
		result = add_one(item, set);
		if (result > 0)
			result = not_rights(item);
	}
	Py_DECREF(iterator);
	return result != 0 || PyErr_Occurred() != NULL ? -1 : 0;
}

/* The fewest names that say what is in the set. */
static PyObject *text_of(const cap_rights_t *set)
{
	char room[1024], *text = room;
	PyObject *result;
	int size = ce_rights_format(set, room, sizeof(room));

	if (size >= (int)sizeof(room)) {
		text = PyMem_Malloc((size_t)size + 1);
		if (text == NULL)
			return PyErr_NoMemory();
		size = ce_rights_format(set, text, (size_t)size + 1);
	}
	result = PyUnicode_FromStringAndSize(text, size);
	if (text != room)
		PyMem_Free(text);
	return result;
}

/* ---------------------------------------------------------------- CapRights */

PyDoc_STRVAR(rights_doc, "CapRights(caps=None)\n--\n\n"
			 "A set of rights, as a descriptor holds them.\n\n"
			 "caps are names, CAP_ constants, other CapRights, a list of these, or text.\n"
			 "CapRights compare (==, <=, <), combine (|, &, -, and in place) and are iterated\n"
			 "like a set of names; str() gives the fewest names.\n\n"
			 ">>> from pycapsicum import CapRights, CAP_READ\n"
			 ">>> CapRights(['CAP_READ', 'CAP_SEEK']) == CapRights('CAP_READ, CAP_SEEK')\n"
			 "True\n"
			 ">>> CapRights([CAP_READ]) | CapRights('CAP_EVENT')\n"
			 "CapRights('CAP_READ, CAP_EVENT')\n"
			 ">>> 'CAP_READ' in CapRights('CAP_WRITE')\n"
			 "False\n");

static PyObject *rights_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
	static const cap_rights_t none = CE_NO_RIGHTS;

	return rights_alloc(type, &none);
}

static int rights_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
	static char *names[] = { "caps", NULL };
	cap_rights_t value = CE_NO_RIGHTS;
	PyObject *caps = NULL;

	/* The usual case has no keywords, and need not read a format. */
	if (kwargs == NULL && PyTuple_GET_SIZE(args) == 1)
		caps = PyTuple_GET_ITEM(args, 0);
	else if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:CapRights", names, &caps))
		return -1;
	if (caps != NULL && caps != Py_None && rights_argument(caps, &value) != 0)
		return -1;
	rights_assign(self, &value);
	return 0;
}

static void rights_dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	type->tp_free(self);
	Py_DECREF(type);
}

static PyObject *rights_str(PyObject *self)
{
	cap_rights_t value = rights_value(self);

	return text_of(&value);
}

static PyObject *rights_repr(PyObject *self)
{
	PyObject *text = rights_str(self), *name, *result;

	if (text == NULL)
		return NULL;
	name = PyObject_GetAttrString((PyObject *)Py_TYPE(self), "__name__");
	result = name == NULL ? NULL : PyUnicode_FromFormat("%U(%R)", name, text);
	Py_XDECREF(name);
	Py_DECREF(text);
	return result;
}

static PyObject *rights_richcompare(PyObject *left, PyObject *right, int operation)
{
	cap_rights_t a, b;
	int result;

	if (!is_rights(left) || !is_rights(right))
		Py_RETURN_NOTIMPLEMENTED;
	a = rights_value(left);
	b = rights_value(right);
	switch (operation) {
	case Py_EQ:
		result = ce_rights_equal(&a, &b);
		break;
	case Py_NE:
		result = !ce_rights_equal(&a, &b);
		break;
	case Py_LE:
		result = ce_rights_contains(&b, &a);
		break;
	case Py_LT:
		result = ce_rights_contains(&b, &a) && !ce_rights_equal(&a, &b);
		break;
	case Py_GE:
		result = ce_rights_contains(&a, &b);
		break;
	default:
		result = ce_rights_contains(&a, &b) && !ce_rights_equal(&a, &b);
		break;
	}
	return PyBool_FromLong(result);
}

typedef int combination(cap_rights_t *, const cap_rights_t *);

/* left OPERATION right, as a new CapRights. */
static PyObject *rights_combine(PyObject *left, PyObject *right, combination *combine)
{
	cap_rights_t a, b;

	if (!is_rights(left) || !is_rights(right))
		Py_RETURN_NOTIMPLEMENTED;
	a = rights_value(left);
	b = rights_value(right);
	(void)combine(&a, &b);
	return rights_alloc(rights_base(Py_TYPE(left)), &a);
}

/* Changes self by what other stands for; other is complete before self is touched. */
static int rights_update(PyObject *self, PyObject *other, combination *combine)
{
	cap_rights_t value;

	if (rights_argument(other, &value) != 0)
		return -1;
	Py_BEGIN_CRITICAL_SECTION(self);
	(void)combine(&((rights_object *)self)->rights, &value);
	Py_END_CRITICAL_SECTION();
	return 0;
}

static PyObject *rights_combine_in_place(PyObject *self, PyObject *other, combination *combine)
{
	if (!is_rights(other))
		Py_RETURN_NOTIMPLEMENTED;
	if (rights_update(self, other, combine) != 0)
		return NULL;
	Py_INCREF(self);
	return self;
}

#define OPERATOR(name, combine)                                                  \
	static PyObject *rights_##name(PyObject *left, PyObject *right)          \
	{                                                                        \
		return rights_combine(left, right, combine);                     \
	}                                                                        \
	static PyObject *rights_in_place_##name(PyObject *self, PyObject *other) \
	{                                                                        \
		return rights_combine_in_place(self, other, combine);            \
	}
OPERATOR(or, ce_rights_merge)
OPERATOR(and, ce_rights_intersect)
OPERATOR(subtract, ce_rights_remove)
#undef OPERATOR

static int rights_bool(PyObject *self)
{
	cap_rights_t value = rights_value(self);

	return !ce_rights_is_empty(&value);
}

static PyObject *rights_caps(PyObject *self, void *Py_UNUSED(closure))
{
	module_state *state = state_of_rights(self);
	cap_rights_t value = rights_value(self);
	PyObject *list = PyList_New(0);
	size_t i, count = ce_right_count();

	for (i = 0; list != NULL && i < count; i++)
		if (ce_rights_is_set(&value, ce_right_at(i)) &&
		    PyList_Append(list, PyTuple_GET_ITEM(state->names, (Py_ssize_t)i)) != 0)
			Py_CLEAR(list);
	return list;
}

static Py_ssize_t rights_length(PyObject *self)
{
	cap_rights_t value = rights_value(self);
	size_t i, count = ce_right_count();
	Py_ssize_t length = 0;

	for (i = 0; i < count; i++)
		length += ce_rights_is_set(&value, ce_right_at(i));
	return length;
}

static PyObject *rights_iter(PyObject *self)
{
	PyObject *list = rights_caps(self, NULL), *iterator;

	if (list == NULL)
		return NULL;
	iterator = PyObject_GetIter(list);
	Py_DECREF(list);
	return iterator;
}

static int rights_holds(PyObject *self, PyObject *needed)
{
	cap_rights_t value, little;

	if (rights_argument(needed, &little) != 0)
		return -1;
	value = rights_value(self);
	return ce_rights_contains(&value, &little);
}

/* Methods that change self by, or compare it with, their one argument. */

static PyObject *rights_update_method(PyObject *self, PyObject *other, combination *combine)
{
	if (other == NULL || rights_update(self, other, combine) != 0)
		return NULL;
	Py_RETURN_NONE;
}

static PyObject *rights_test_method(PyObject *self, PyObject *other)
{
	int result = other == NULL ? -1 : rights_holds(self, other);

	return result < 0 ? NULL : PyBool_FromLong(result);
}

PyDoc_STRVAR(rights_set_doc, "set($self, caplist)\n--\n\n"
			     "Add the rights in caplist.\n\n"
			     ">>> from pycapsicum import CapRights\n"
			     ">>> rights = CapRights()\n"
			     ">>> rights.set(['CAP_READ'])\n"
			     ">>> rights.caps\n"
			     "['CAP_READ']\n");

static PyObject *rights_set(PyObject *self, PyObject *args, PyObject *kwargs)
{
	return rights_update_method(self, one_argument(args, kwargs, "O:set", "caplist"), ce_rights_merge);
}

PyDoc_STRVAR(rights_clear_doc, "clear($self, caplist)\n--\n\n"
			       "Take away the rights in caplist, every bit that each stands for.\n\n"
			       "CAP_MKDIRAT stands for CAP_LOOKUP too, so clearing it clears both.\n\n"
			       ">>> from pycapsicum import CapRights\n"
			       ">>> rights = CapRights('CAP_READ, CAP_WRITE')\n"
			       ">>> rights.clear(['CAP_WRITE'])\n"
			       ">>> rights.caps\n"
			       "['CAP_READ']\n");

static PyObject *rights_clear(PyObject *self, PyObject *args, PyObject *kwargs)
{
	return rights_update_method(self, one_argument(args, kwargs, "O:clear", "caplist"), ce_rights_remove);
}

PyDoc_STRVAR(rights_merge_doc, "merge($self, otherCR)\n--\n\n"
			       "Add the rights of otherCR.\n\n"
			       ">>> from pycapsicum import CapRights\n"
			       ">>> rights = CapRights('CAP_READ')\n"
			       ">>> rights.merge(CapRights('CAP_WRITE'))\n"
			       ">>> rights.caps\n"
			       "['CAP_READ', 'CAP_WRITE']\n");

static PyObject *rights_merge(PyObject *self, PyObject *args, PyObject *kwargs)
{
	return rights_update_method(self, one_argument(args, kwargs, "O:merge", "otherCR"), ce_rights_merge);
}

PyDoc_STRVAR(rights_remove_doc, "remove($self, otherCR)\n--\n\n"
				"Take away the rights of otherCR.\n\n"
				">>> from pycapsicum import CapRights\n"
				">>> rights = CapRights('CAP_READ, CAP_WRITE')\n"
				">>> rights.remove(CapRights('CAP_READ'))\n"
				">>> rights.caps\n"
				"['CAP_WRITE']\n");

static PyObject *rights_remove(PyObject *self, PyObject *args, PyObject *kwargs)
{
	return rights_update_method(self, one_argument(args, kwargs, "O:remove", "otherCR"), ce_rights_remove);
}

PyDoc_STRVAR(rights_is_set_doc, "is_set($self, caplist)\n--\n\n"
				"True if all the rights in caplist are set.\n\n"
				">>> from pycapsicum import CapRights\n"
				">>> CapRights('CAP_READ').is_set(['CAP_READ', 'CAP_WRITE'])\n"
				"False\n");

static PyObject *rights_is_set(PyObject *self, PyObject *args, PyObject *kwargs)
{
	return rights_test_method(self, one_argument(args, kwargs, "O:is_set", "caplist"));
}

PyDoc_STRVAR(rights_contains_doc, "contains($self, otherCR)\n--\n\n"
				  "True if all the rights of otherCR are among these.\n\n"
				  ">>> from pycapsicum import CapRights\n"
				  ">>> CapRights('CAP_READ, CAP_WRITE').contains(CapRights('CAP_READ'))\n"
				  "True\n");

static PyObject *rights_contains(PyObject *self, PyObject *args, PyObject *kwargs)
{
	return rights_test_method(self, one_argument(args, kwargs, "O:contains", "otherCR"));
}

PyDoc_STRVAR(rights_is_valid_doc, "is_valid($self, /)\n--\n\n"
				  "True if the set is one that the kernel understands.\n\n"
				  ">>> from pycapsicum import CapRights\n"
				  ">>> CapRights().is_valid()\n"
				  "True\n");

static PyObject *rights_is_valid(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	cap_rights_t value = rights_value(self);

	return PyBool_FromLong(ce_rights_is_valid(&value));
}

PyDoc_STRVAR(rights_limit_doc, "limit($self, fd, *more)\n--\n\n"
			       "Limit a descriptor, and more if given, to these rights.\n\n"
			       "It can lose rights, never gain them. On Linux many in one call take less\n"
			       "of what the kernel allows a process than a call for each.\n\n"
			       ">>> import os, pycapsicum\n"
			       ">>> reading, writing = os.pipe()\n"
			       ">>> pycapsicum.CapRights(['CAP_READ']).limit(reading)\n"
			       ">>> held = pycapsicum.CapRights()\n"
			       ">>> held.get(reading)\n"
			       ">>> held.caps\n"
			       "['CAP_READ']\n");

/* Limits each object's descriptor to the rights; -1 with an exception set, or with errno and none. */
static int limit_each(PyObject *const *objects, Py_ssize_t count, const cap_rights_t *rights)
{
	struct ce_descriptor *descriptors = PyMem_New(struct ce_descriptor, (size_t)count);
	Py_ssize_t i;
	int result = 0;

	if (descriptors == NULL) {
		PyErr_NoMemory();
		return -1;
	}
	for (i = 0; result == 0 && i < count; i++) {
		descriptors[i].rights = rights;
		descriptors[i].ioctls = NULL;
		descriptors[i].nioctls = CE_IOCTLS_KEEP;
		descriptors[i].fcntls = CE_FCNTLS_KEEP;
		result = descriptor_argument(objects[i], &descriptors[i].fd) ? 0 : -1;
	}
	if (result == 0)
		result = ce_limit_each(descriptors, (size_t)count);
	PyMem_Free(descriptors);
	return result;
}

static PyObject *rights_limit(PyObject *self, PyObject *args, PyObject *kwargs)
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

PyDoc_STRVAR(rights_get_doc, "get($self, fd)\n--\n\n"
			     "Make these the rights that a descriptor holds.\n\n"
			     ">>> import pycapsicum\n"
			     ">>> rights = pycapsicum.CapRights()\n"
			     ">>> rights.get(0)\n"
			     ">>> 'CAP_READ' in rights\n"
			     "True\n");

static PyObject *rights_get(PyObject *self, PyObject *args, PyObject *kwargs)
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

PyDoc_STRVAR(rights_copy_doc, "copy($self, /)\n--\n\n"
			      "Another CapRights with the same rights.\n\n"
			      ">>> from pycapsicum import CapRights\n"
			      ">>> rights = CapRights('CAP_READ')\n"
			      ">>> rights.copy() == rights\n"
			      "True\n");

static PyObject *rights_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	cap_rights_t value = rights_value(self);

	return rights_alloc(Py_TYPE(self), &value);
}

PyDoc_STRVAR(rights_reduce_doc, "__reduce__($self, /)\n--\n\n"
				"Copy and pickle by text, which every release understands.");

static PyObject *rights_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	PyObject *text = rights_str(self), *state;

	if (text == NULL)
		return NULL;
	state = PyObject_GetAttrString(self, "__dict__"); /* subclasses have one */
	if (state == NULL)
		PyErr_Clear();
	return state == NULL ? Py_BuildValue("O(N)", Py_TYPE(self), text)
			     : Py_BuildValue("O(N)N", Py_TYPE(self), text, state);
}

static PyMethodDef rights_methods[] = { { "set", KEYWORDS(rights_set), rights_set_doc },
					{ "clear", KEYWORDS(rights_clear), rights_clear_doc },
					{ "is_set", KEYWORDS(rights_is_set), rights_is_set_doc },
					{ "is_valid", rights_is_valid, METH_NOARGS, rights_is_valid_doc },
					{ "merge", KEYWORDS(rights_merge), rights_merge_doc },
					{ "remove", KEYWORDS(rights_remove), rights_remove_doc },
					{ "contains", KEYWORDS(rights_contains), rights_contains_doc },
					{ "limit", KEYWORDS(rights_limit), rights_limit_doc },
					{ "get", KEYWORDS(rights_get), rights_get_doc },
					{ "copy", rights_copy, METH_NOARGS, rights_copy_doc },
					{ "__reduce__", rights_reduce, METH_NOARGS, rights_reduce_doc },
					{ NULL, NULL, 0, NULL } };

PyDoc_STRVAR(rights_caps_doc, "The names of the rights that are set, in the order of the system's header.\n\n"
			      "A right that holds others is there with them.\n\n"
			      ">>> from pycapsicum import CapRights\n"
			      ">>> CapRights('CAP_PREAD').caps\n"
			      "['CAP_READ', 'CAP_SEEK_TELL', 'CAP_SEEK', 'CAP_PREAD']\n");

static PyGetSetDef rights_getset[] = { { "caps", rights_caps, NULL, rights_caps_doc, NULL },
				       { NULL, NULL, NULL, NULL, NULL } };

static PyType_Slot rights_slots[] = { { Py_tp_doc, SLOT(rights_doc) },
				      { Py_tp_new, SLOT(rights_new) },
				      { Py_tp_init, SLOT(rights_init) },
				      { Py_tp_dealloc, SLOT(rights_dealloc) },
				      { Py_tp_repr, SLOT(rights_repr) },
				      { Py_tp_str, SLOT(rights_str) },
				      { Py_tp_hash, SLOT(PyObject_HashNotImplemented) }, /* they change, as sets do */
				      { Py_tp_richcompare, SLOT(rights_richcompare) },
				      { Py_tp_iter, SLOT(rights_iter) },
				      { Py_tp_methods, rights_methods },
				      { Py_tp_getset, rights_getset },
				      { Py_nb_bool, SLOT(rights_bool) },
				      { Py_nb_or, SLOT(rights_or) },
				      { Py_nb_and, SLOT(rights_and) },
				      { Py_nb_subtract, SLOT(rights_subtract) },
				      { Py_nb_inplace_or, SLOT(rights_in_place_or) },
				      { Py_nb_inplace_and, SLOT(rights_in_place_and) },
				      { Py_nb_inplace_subtract, SLOT(rights_in_place_subtract) },
				      { Py_sq_length, SLOT(rights_length) },
				      { Py_sq_contains, SLOT(rights_holds) },
				      { 0, NULL } };

static PyType_Spec rights_spec = {
	.name = "pycapsicum.CapRights",
	.basicsize = sizeof(rights_object),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
	.slots = rights_slots,
};

/* ------------------------------------------------------------------ opening */

/* A converter: 'r', 'w', 'rw' or the flags of open(2). */
static int open_flags(PyObject *object, void *result)
{
	int *flags = (int *)result;
	long long number;

	if (!PyUnicode_Check(object)) {
		if (whole_number(object, "flags", 0, INT_MAX, &number) != 0)
			return 0;
		*flags = (int)number;
		return 1;
	}
	if (PyUnicode_CompareWithASCIIString(object, "r") == 0)
		*flags = O_RDONLY;
	else if (PyUnicode_CompareWithASCIIString(object, "w") == 0)
		*flags = O_WRONLY;
	else if (PyUnicode_CompareWithASCIIString(object, "rw") == 0)
		*flags = O_RDWR;
	else
		PyErr_Format(PyExc_ValueError, "flags must be 'r', 'w', 'rw' or an int, not %R", object);
	return PyErr_Occurred() == NULL;
}

/* What an open() needs, and does again when a signal came between (PEP 475). */
struct opening {
	int dirfd;
	const char *path;
	int flags;
	unsigned mode;
	const cap_rights_t *rights; /* to limit it to, or NULL */
};

static int open_beneath(const struct opening *opening)
{
	return ce_openat_limited(opening->dirfd, opening->path, NULL, opening->flags, opening->mode, opening->rights);
}

static int open_anywhere(const struct opening *opening)
{
	return ce_open_(AT_FDCWD, opening->path, opening->flags, 0, false, NULL);
}

/* The new descriptor, or -1 with an exception set. */
static int open_with(module_state *state, int (*open_it)(const struct opening *), struct opening *opening,
		     PyObject *path)
{
	PyThreadState *others;
	PyObject *bytes;
	int fd, error;

	if (PySys_Audit("open", "OOi", path, Py_None, opening->flags) != 0 || !PyUnicode_FSConverter(path, &bytes))
		return -1;
	opening->path = PyBytes_AS_STRING(bytes);
	do {
		others = PyEval_SaveThread();
		fd = open_it(opening);
		error = errno;
		PyEval_RestoreThread(others);
	} while (fd < 0 && error == EINTR && PyErr_CheckSignals() == 0);
	Py_DECREF(bytes);
	if (fd < 0 && PyErr_Occurred() == NULL) {
		errno = error;
		(void)raise_errno(state, path);
	}
	return fd;
}

PyDoc_STRVAR(directory_doc, "The descriptor of a directory: an int, and a context manager that closes it.\n\n"
			    ">>> import pycapsicum\n"
			    ">>> with pycapsicum.opendir('/') as directory:\n"
			    "...     directory > -1\n"
			    "True\n");

PyDoc_STRVAR(directory_close_doc, "close($self, /)\n--\n\n"
				  "Close the descriptor, as os.close() does: once.\n\n"
				  ">>> import pycapsicum\n"
				  ">>> pycapsicum.opendir('/').close()\n");

static PyObject *directory_close(PyObject *self, PyTypeObject *defining, PyObject *const *Py_UNUSED(args),
				 Py_ssize_t Py_UNUSED(nargs), PyObject *Py_UNUSED(kwnames))
{
	PyThreadState *others;
	int fd, result, error;

	if (!descriptor_argument(self, &fd))
		return NULL;
	others = PyEval_SaveThread();
	result = close(fd);
	error = errno;
	PyEval_RestoreThread(others);
	/* A close() that a signal interrupted has closed all the same. */
	if (result != 0 && error != EINTR) {
		errno = error;
		return raise_errno((module_state *)PyType_GetModuleState(defining), NULL);
	}
	Py_RETURN_NONE;
}

static PyObject *directory_enter(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	Py_INCREF(self);
	return self;
}

static PyMethodDef directory_methods[] = { { "close", FASTCALL_OF_TYPE(directory_close), directory_close_doc },
					   { "__enter__", directory_enter, METH_NOARGS, "__enter__($self, /)\n--\n\n" },
					   { "__exit__", FASTCALL_OF_TYPE(directory_close),
					     "__exit__($self, exc_type, exc, traceback, /)\n--\n\n" },
					   { NULL, NULL, 0, NULL } };

static PyType_Slot directory_slots[] = { { Py_tp_doc, SLOT(directory_doc) },
					 { Py_tp_methods, directory_methods },
					 { 0, NULL } };

static PyType_Spec directory_spec = {
	.name = "pycapsicum.Directory",
	.flags = Py_TPFLAGS_DEFAULT,
	.slots = directory_slots,
};

PyDoc_STRVAR(opendir_doc, "opendir($module, /, path, flags='r', *, dir_fd=None)\n--\n\n"
			  "Open a directory; its descriptor is what openat() takes.\n\n"
			  "flags, 'r', 'w', 'rw' or an int as for os.open(), are there for completeness:\n"
			  "a directory is always opened for reading, close-on-exec. With dir_fd, path is\n"
			  "looked up beneath that directory, which works in capability mode too.\n"
			  "The result is an int, and a context manager that closes it.\n\n"
			  ">>> import os, pycapsicum\n"
			  ">>> with pycapsicum.opendir('/', 'rw') as directory:\n"
			  "...     os.get_inheritable(directory)\n"
			  "False\n");

static PyObject *module_opendir(PyObject *module, PyObject *args, PyObject *kwargs)
{
	static char *names[] = { "path", "flags", "dir_fd", NULL };
	module_state *state = state_of_module(module);
	struct opening opening = { AT_FDCWD, NULL, O_RDONLY, 0, NULL };
	PyObject *path, *beneath = Py_None;
	int fd;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O&$O:opendir", names, &path, open_flags, &opening.flags,
					 &beneath))
		return NULL;
	opening.flags = (opening.flags & ~O_ACCMODE) | O_RDONLY | O_DIRECTORY;
	if (beneath != Py_None && !directory_argument(beneath, &opening.dirfd))
		return NULL;
	fd = open_with(state, beneath != Py_None ? open_beneath : open_anywhere, &opening, path);
	return fd < 0 ? NULL : PyObject_CallFunction(state->directory_type, "i", fd);
}

/* A converter: the permissions of a file that is made. */
static int create_mode(PyObject *object, void *result)
{
	long long mode;

	if (whole_number(object, "mode", 0, 07777, &mode) != 0)
		return 0;
	*(unsigned *)result = (unsigned)mode;
	return 1;
}

/* How Python calls what the flags of open(2) say. */
static const char *mode_of_flags(int flags)
{
	switch (flags & O_ACCMODE) {
	case O_WRONLY:
		return (flags & O_APPEND) != 0 ? "a" : "w";
	case O_RDWR:
		return (flags & O_APPEND) != 0 ? "a+" : "r+";
	default:
		return "r";
	}
}

static int truth_of(PyObject *object, const char *method)
{
	PyObject *answer = PyObject_CallMethod(object, method, NULL);
	int truth = answer == NULL ? -1 : PyObject_IsTrue(answer);

	Py_XDECREF(answer);
	return truth;
}

/*
 * The file beneath the buffer of a file for both ways. That buffer asks for the
 * position, which it knows, before read() and close(). Where the descriptor has
 * since lost CAP_SEEK, the answer comes from what was read and written, so that
 * a file limited to CAP_READ can still be read and closed.
 */
static long long *raw_position(PyObject *self, PyTypeObject *raw_type)
{
	return (long long *)(void *)((char *)self + raw_type->tp_base->tp_basicsize);
}

#define FASTCALL_PARAMETERS PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames

/* Calls FileIO's own method. */
static PyObject *raw_call_base(PyObject *self, PyTypeObject *raw_type, const char *name, FASTCALL_PARAMETERS)
{
	PyObject *method, *result, *all[4] = { self, NULL, NULL, NULL };
	Py_ssize_t i, count = nargs + (kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames));

	if (count >= (Py_ssize_t)LENGTH(all)) {
		PyErr_Format(PyExc_TypeError, "%s() takes no %zd arguments", name, count);
		return NULL;
	}
	for (i = 0; i < count; i++)
		all[i + 1] = args[i];
	method = PyObject_GetAttrString((PyObject *)raw_type->tp_base, name);
	if (method == NULL)
		return NULL;
	result = PyObject_Vectorcall(method, all, (size_t)nargs + 1, kwnames);
	Py_DECREF(method);
	return result;
}

/* A call that moves the position by the bytes, or the number of bytes, that it returns. */
static PyObject *raw_move(PyObject *self, PyTypeObject *raw_type, const char *name, FASTCALL_PARAMETERS)
{
	PyObject *result = raw_call_base(self, raw_type, name, args, nargs, kwnames);

	if (result != NULL && PyBytes_Check(result))
		*raw_position(self, raw_type) += PyBytes_GET_SIZE(result);
	else if (result != NULL && PyLong_Check(result))
		*raw_position(self, raw_type) += PyLong_AsLongLong(result);
	return result;
}

#define MOVING(name)                                                                             \
	static PyObject *raw_##name(PyObject *self, PyTypeObject *raw_type, FASTCALL_PARAMETERS) \
	{                                                                                        \
		return raw_move(self, raw_type, #name, args, nargs, kwnames);                    \
	}
MOVING(read)
MOVING(readinto)
MOVING(readall)
MOVING(write)
#undef MOVING

static PyObject *raw_where(PyObject *self, PyTypeObject *raw_type)
{
	int fd = PyObject_AsFileDescriptor(self);
	off_t at = fd < 0 ? -1 : lseek(fd, 0, SEEK_CUR);

	if (fd < 0)
		return NULL;
	if (at < 0 && errno != ENOTCAPABLE)
		return PyErr_SetFromErrno(PyExc_OSError);
	return PyLong_FromLongLong(at < 0 ? *raw_position(self, raw_type) : at);
}

static PyObject *raw_seek(PyObject *self, PyTypeObject *raw_type, FASTCALL_PARAMETERS)
{
	PyObject *result;

	if (nargs == 2 && PyLong_Check(args[0]) && PyLong_Check(args[1]) && PyObject_Not(args[0]) == 1 &&
	    PyLong_AsLong(args[1]) == SEEK_CUR)
		return raw_where(self, raw_type);
	PyErr_Clear();
	result = raw_call_base(self, raw_type, "seek", args, nargs, kwnames);
	if (result != NULL && PyLong_Check(result))
		*raw_position(self, raw_type) = PyLong_AsLongLong(result);
	return result;
}

static PyMethodDef raw_methods[] = {
	{ "read", FASTCALL_OF_TYPE(raw_read), NULL },	    { "readinto", FASTCALL_OF_TYPE(raw_readinto), NULL },
	{ "readall", FASTCALL_OF_TYPE(raw_readall), NULL }, { "write", FASTCALL_OF_TYPE(raw_write), NULL },
	{ "seek", FASTCALL_OF_TYPE(raw_seek), NULL },	    { NULL, NULL, 0, NULL }
};

static PyType_Slot raw_slots[] = { { Py_tp_methods, raw_methods }, { 0, NULL } };

/* The type is as large as FileIO, which only the running interpreter can say, and the position. */
static PyObject *new_raw_type(PyObject *module, PyObject *file_io)
{
	PyType_Spec spec = {
		.name = "pycapsicum.FileIO",
		.basicsize = (int)((PyTypeObject *)file_io)->tp_basicsize + (int)sizeof(long long),
		.flags = Py_TPFLAGS_DEFAULT,
		.slots = raw_slots,
	};

	return new_type(module, &spec, file_io);
}

/*
 * Reading and writing without a common position: a FIFO, a terminal, or a file
 * without CAP_SEEK. BufferedRWPair has neither fileno() nor a name of its own.
 */
static PyObject *buffer_pair(module_state *state, PyObject *raw)
{
	PyObject *fileno = PyObject_GetAttrString(raw, "fileno");
	PyObject *name = fileno == NULL ? NULL : PyObject_GetAttrString(raw, "name");
	PyObject *pair = name == NULL ? NULL : PyObject_CallMethod(state->io, "BufferedRWPair", "OO", raw, raw);

	if (pair != NULL &&
	    (PyObject_SetAttrString(pair, "fileno", fileno) != 0 || PyObject_SetAttrString(pair, "name", name) != 0))
		Py_CLEAR(pair);
	Py_XDECREF(fileno);
	Py_XDECREF(name);
	return pair;
}

static PyObject *buffer_for(module_state *state, PyObject *raw, int flags)
{
	int seekable;

	switch (flags & O_ACCMODE) {
	case O_WRONLY:
		return PyObject_CallMethod(state->io, "BufferedWriter", "O", raw);
	case O_RDWR:
		seekable = truth_of(raw, "seekable");
		if (seekable <= 0)
			return seekable == 0 ? buffer_pair(state, raw) : NULL;
		return PyObject_CallMethod(state->io, "BufferedRandom", "O", raw);
	default:
		return PyObject_CallMethod(state->io, "BufferedReader", "O", raw);
	}
}

/* Closes a file of which nothing came, and keeps the exception that says why. */
static void close_after_error(PyObject *file)
{
	PyObject *type, *value, *traceback, *closed;

	PyErr_Fetch(&type, &value, &traceback);
	closed = PyObject_CallMethod(file, "close", NULL);
	Py_XDECREF(closed);
	PyErr_Restore(type, value, traceback);
}

/* What open() knows by these names; each may be None. */
struct text_options {
	PyObject *encoding, *errors, *newline;
};

/* The text layer over raw, as io.open() would make it. */
static PyObject *text_over(module_state *state, PyObject *raw, int flags, const struct text_options *options)
{
	PyObject *buffer, *text, *mode;
	int terminal = truth_of(raw, "isatty");

	buffer = terminal < 0 ? NULL : buffer_for(state, raw, flags);
	if (buffer == NULL)
		return NULL;
	text = PyObject_CallMethod(state->io, "TextIOWrapper", "OOOOi", buffer, options->encoding, options->errors,
				   options->newline, terminal);
	if (text == NULL)
		close_after_error(buffer);
	Py_DECREF(buffer);
	if (text == NULL)
		return NULL;
	mode = PyUnicode_FromString(mode_of_flags(flags));
	if (mode == NULL || PyObject_SetAttrString(text, "mode", mode) != 0)
		Py_CLEAR(text);
	Py_XDECREF(mode);
	return text;
}

/* FileIO over fd, which it then owns, at this position. */
static PyObject *raw_over(module_state *state, int fd, int flags, off_t at)
{
	PyObject *raw;

	if ((flags & O_ACCMODE) != O_RDWR)
		return PyObject_CallMethod(state->io, "FileIO", "is", fd, (flags & O_ACCMODE) == O_WRONLY ? "w" : "r");
	raw = PyObject_CallFunction(state->raw_type, "is", fd, "r+");
	if (raw != NULL && at > 0)
		*raw_position(raw, (PyTypeObject *)state->raw_type) = at;
	return raw;
}

/*
 * The file object for fd, which it owns; fd is closed if that fails.
 * io.open() would do for most, but leaves open who closes fd after an error, and
 * insists on seeking for both ways and where the flags say to append.
 */
static PyObject *file_object(module_state *state, int fd, int flags, PyObject *path, const struct text_options *options)
{
	/* At the end as open(name, 'a'), so that tell() is right and no second byte order mark is written. */
	off_t at = lseek(fd, 0, (flags & O_APPEND) != 0 ? SEEK_END : SEEK_CUR);
	PyObject *raw = raw_over(state, fd, flags, at), *file;

	if (raw == NULL) {
		(void)close(fd);
		return NULL;
	}
	file = PyObject_SetAttrString(raw, "name", path) != 0 ? NULL : text_over(state, raw, flags, options);
	Py_DECREF(raw);
	return file;
}

PyDoc_STRVAR(openat_doc,
	     "openat($module, /, fd, path, flags='r', mode=0o666, *, "
	     "encoding=None, errors=None, newline=None, rights=None)\n--\n\n"
	     "Open a file beneath the directory fd; gives a text file object.\n\n"
	     "flags are 'r', 'w', 'rw', which open a file that exists and leave its content\n"
	     "alone, or an int as for os.open(). mode is that of a file which O_CREAT makes.\n"
	     "encoding, errors and newline are those of open(). The descriptor is\n"
	     "close-on-exec, and limited to rights, which may be whatever CapRights() takes:\n"
	     "better than limit() in a loop, for on Linux it finds a number that already has\n"
	     "just these. All of this works in capability mode.\n\n"
	     ">>> import os, pycapsicum, tempfile\n"
	     ">>> with tempfile.TemporaryDirectory() as name, pycapsicum.opendir(name) as directory:\n"
	     "...     with pycapsicum.openat(directory, 'foo', os.O_RDWR | os.O_CREAT, mode=0o600) as file:\n"
	     "...         file.write('spam')\n"
	     "...         file.seek(0)\n"
	     "...         file.read()\n"
	     "4\n"
	     "0\n"
	     "'spam'\n");

static PyObject *module_openat(PyObject *module, PyObject *args, PyObject *kwargs)
{
	static char *names[] = { "fd", "path", "flags", "mode", "encoding", "errors", "newline", "rights", NULL };
	module_state *state = state_of_module(module);
	struct opening opening = { AT_FDCWD, NULL, O_RDONLY, 0666, NULL };
	struct text_options text = { Py_None, Py_None, Py_None };
	PyObject *path, *wanted = Py_None;
	cap_rights_t rights;
	struct stat status;
	int fd;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&O|O&O&$OOOO:openat", names, directory_argument,
					 &opening.dirfd, &path, open_flags, &opening.flags, create_mode, &opening.mode,
					 &text.encoding, &text.errors, &text.newline, &wanted))
		return NULL;
	if (wanted != Py_None) {
		if (rights_argument(wanted, &rights) != 0)
			return NULL;
		opening.rights = &rights;
	}
	fd = open_with(state, open_beneath, &opening, path);
	if (fd < 0)
		return NULL;
	if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
		(void)close(fd);
		errno = EISDIR;
		return raise_errno(state, path);
	}
	return file_object(state, fd, opening.flags, path, &text);
}

/* ------------------------------------------------------ limits on ioctl, fcntl */

/* What FreeBSD and Linux allow in one list. */
#define MOST_COMMANDS 256

static int fill_commands(PyObject *sequence, unsigned long *commands)
{
	Py_ssize_t i;

	for (i = 0; i < PySequence_Fast_GET_SIZE(sequence); i++) {
		PyObject *item = PySequence_Fast_GET_ITEM(sequence, i);

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

PyDoc_STRVAR(ioctls_limit_doc, "ioctls_limit($module, /, fd, cmdlist)\n--\n\n"
			       "Limit a descriptor to the ioctl(2) commands in cmdlist.\n\n"
			       ">>> import os, pycapsicum, termios\n"
			       ">>> reading, writing = os.pipe()\n"
			       ">>> pycapsicum.ioctls_limit(reading, [termios.FIONREAD])\n"
			       ">>> pycapsicum.ioctls_get(reading) == (1, [termios.FIONREAD])\n"
			       "True\n");

static PyObject *module_ioctls_limit(PyObject *module, PyObject *args, PyObject *kwargs)
{
	static char *names[] = { "fd", "cmdlist", NULL };
	PyObject *list, *sequence, *result = NULL;
	unsigned long *commands;
	Py_ssize_t count;
	int fd;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&O:ioctls_limit", names, descriptor_argument, &fd, &list))
		return NULL;
	/* A tuple of our own: nobody else can change it meanwhile. */
	sequence = PySequence_Tuple(list);
	if (sequence == NULL)
		return NULL;
	count = PyTuple_GET_SIZE(sequence);
	commands = PyMem_New(unsigned long, (size_t)count + 1);
	if (commands == NULL)
		result = PyErr_NoMemory();
	else if (fill_commands(sequence, commands) == 0)
		result = ce_limit_ioctls(fd, commands, (size_t)count) == 0 ? Py_NewRef(Py_None)
									   : raise_errno(state_of_module(module), NULL);
	PyMem_Free(commands);
	Py_DECREF(sequence);
	return result;
}

/* (count, [commands]), the count being CAP_IOCTLS_ALL where there is no limit. */
static PyObject *commands_found(const unsigned long *commands, ssize_t count)
{
	PyObject *list = PyList_New(count == CAP_IOCTLS_ALL ? 0 : count);
	Py_ssize_t i;

	for (i = 0; list != NULL && i < PyList_GET_SIZE(list); i++) {
		PyObject *item = PyLong_FromUnsignedLong(commands[i]);

		if (item == NULL)
			Py_CLEAR(list);
		else
			PyList_SET_ITEM(list, i, item);
	}
	return list == NULL ? NULL : Py_BuildValue("nN", (Py_ssize_t)count, list);
}

PyDoc_STRVAR(ioctls_get_doc, "ioctls_get($module, /, fd)\n--\n\n"
			     "The ioctl(2) commands allowed on a descriptor: (count, [commands]).\n\n"
			     "(CAP_IOCTLS_ALL, []) where there is no limit.\n\n"
			     ">>> import pycapsicum\n"
			     ">>> pycapsicum.ioctls_get(0) == (pycapsicum.CAP_IOCTLS_ALL, [])\n"
			     "True\n");

static PyObject *module_ioctls_get(PyObject *module, PyObject *args, PyObject *kwargs)
{
	unsigned long commands[MOST_COMMANDS];
	ssize_t count;
	int fd = one_descriptor(args, kwargs, "O&:ioctls_get");

	if (fd < 0)
		return NULL;
	count = ce_get_ioctls(fd, commands, MOST_COMMANDS);
	if (count > MOST_COMMANDS && count != CAP_IOCTLS_ALL) {
		errno = EOVERFLOW;
		count = -1;
	}
	return count < 0 ? raise_errno(state_of_module(module), NULL) : commands_found(commands, count);
}

PyDoc_STRVAR(fcntls_limit_doc, "fcntls_limit($module, /, fd, rights)\n--\n\n"
			       "Limit a descriptor to the fcntl(2) commands in rights: CAP_FCNTL_ constants, ORed.\n\n"
			       ">>> import os, pycapsicum\n"
			       ">>> reading, writing = os.pipe()\n"
			       ">>> pycapsicum.fcntls_limit(reading, pycapsicum.CAP_FCNTL_GETFL)\n"
			       ">>> pycapsicum.fcntls_get(reading) == (pycapsicum.CAP_FCNTL_GETFL, 0)\n"
			       "True\n");

static PyObject *module_fcntls_limit(PyObject *module, PyObject *args, PyObject *kwargs)
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

PyDoc_STRVAR(fcntls_get_doc, "fcntls_get($module, /, fd)\n--\n\n"
			     "The fcntl(2) commands allowed on a descriptor: (rights, 0).\n\n"
			     "(CAP_FCNTL_ALL, 0) where there is no limit.\n\n"
			     ">>> import pycapsicum\n"
			     ">>> pycapsicum.fcntls_get(0) == (pycapsicum.CAP_FCNTL_ALL, 0)\n"
			     "True\n");

static PyObject *module_fcntls_get(PyObject *module, PyObject *args, PyObject *kwargs)
{
	uint32_t rights;
	int fd = one_descriptor(args, kwargs, "O&:fcntls_get");

	if (fd < 0)
		return NULL;
	if (ce_get_fcntls(fd, &rights) != 0)
		return raise_errno(state_of_module(module), NULL);
	return Py_BuildValue("Ii", (unsigned)rights, 0);
}

/* --------------------------------------------------- what rights are for */

PyDoc_STRVAR(rights_for_doc, "rights_for($module, /, call)\n--\n\n"
			     "The rights that a descriptor must have for a system call.\n\n"
			     "call is a name, or a name with the arguments that matter. Of two descriptors,\n"
			     "'renameat(source)' and 'renameat(target)' tell which.\n\n"
			     ">>> import pycapsicum\n"
			     ">>> pycapsicum.rights_for('pwrite')\n"
			     "CapRights('CAP_PWRITE')\n"
			     ">>> pycapsicum.rights_for('openat(O_WRONLY | O_APPEND)').caps\n"
			     "['CAP_WRITE', 'CAP_LOOKUP']\n");

static PyObject *module_rights_for(PyObject *module, PyObject *args, PyObject *kwargs)
{
	PyObject *object = one_argument(args, kwargs, "U:rights_for", "call");
	cap_rights_t rights;
	const char *call;

	if (object == NULL)
		return NULL;
	call = PyUnicode_AsUTF8(object);
	if (call == NULL)
		return NULL;
	if (ce_call_needs(call, &rights) != 0) {
		PyErr_Format(PyExc_ValueError, "no call is known as %R", object);
		return NULL;
	}
	return rights_alloc((PyTypeObject *)state_of_module(module)->rights_type, &rights);
}

/* The right that is the whole of a set, or 0. */
static uint64_t only_right(const cap_rights_t *set)
{
	cap_rights_t rest;
	size_t i;

	for (i = 0; i < LENGTH(set->cr_rights); i++) {
		rest = *set;
		if (ce_right_is_valid(set->cr_rights[i]) && ce_rights_clear(&rest, set->cr_rights[i]) == 0 &&
		    ce_rights_is_empty(&rest))
			return set->cr_rights[i];
	}
	return 0;
}

/* The items of "a(2), b(2) (c, d)": commas in parentheses separate none. */
static PyObject *split_calls(const char *text)
{
	PyObject *list = PyList_New(0);
	const char *start = text;
	int depth = 0;

	for (; list != NULL && *start != '\0'; text++) {
		PyObject *item;

		depth += (*text == '(') - (*text == ')');
		if (*text != '\0' && (*text != ',' || depth != 0))
			continue;
		item = PyUnicode_FromStringAndSize(start, text - start);
		if (item == NULL || PyList_Append(list, item) != 0)
			Py_CLEAR(list);
		Py_XDECREF(item);
		start = *text == '\0' ? text : text + 1 + strspn(text + 1, " ");
	}
	return list;
}

PyDoc_STRVAR(allows_doc, "allows($module, /, right)\n--\n\n"
			 "The system calls that a right allows, as rights_for() takes them.\n\n"
			 ">>> import pycapsicum\n"
			 ">>> pycapsicum.allows('CAP_FTRUNCATE')\n"
			 "['ftruncate(2)', 'openat(O_TRUNC)']\n");

static PyObject *module_allows(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
	PyObject *object = one_argument(args, kwargs, "O:allows", "right");
	cap_rights_t rights;
	const char *calls;

	if (object == NULL || rights_argument(object, &rights) != 0)
		return NULL;
	calls = ce_right_allows(only_right(&rights));
	if (calls == NULL) {
		PyErr_Format(PyExc_ValueError, "%R is not one right with a name", object);
		return NULL;
	}
	return split_calls(calls);
}

/* ---------------------------------------------------------- capability mode */

PyDoc_STRVAR(enter_doc, "enter($module, /)\n--\n\n"
			"Enter capability mode, for good: for this process and all it starts.\n\n"
			">>> import pycapsicum\n"
			">>> pycapsicum.enter()\n"
			">>> try:\n"
			"...     pycapsicum.opendir('/')\n"
			"... except PermissionError as error:\n"
			"...     error.errno == pycapsicum.ECAPMODE\n"
			"True\n");

static PyObject *module_enter(PyObject *module, PyObject *Py_UNUSED(ignored))
{
	if (ce_enter() != 0)
		return raise_errno(state_of_module(module), NULL);
	Py_RETURN_NONE;
}

PyDoc_STRVAR(sandboxed_doc, "sandboxed($module, /)\n--\n\n"
			    "True in capability mode, False otherwise.\n\n"
			    ">>> import pycapsicum\n"
			    ">>> pycapsicum.sandboxed()\n"
			    "False\n");

static PyObject *module_sandboxed(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
	return PyBool_FromLong(ce_sandboxed());
}

PyDoc_STRVAR(getmode_doc, "getmode($module, /)\n--\n\n"
			  "1 in capability mode, 0 otherwise; an exception where that cannot be told.\n\n"
			  ">>> import pycapsicum\n"
			  ">>> pycapsicum.getmode()\n"
			  "0\n");

static PyObject *module_getmode(PyObject *module, PyObject *Py_UNUSED(ignored))
{
	unsigned mode;

	if (ce_getmode(&mode) != 0)
		return raise_errno(state_of_module(module), NULL);
	return PyLong_FromUnsignedLong(mode);
}

PyDoc_STRVAR(prepare_doc, "prepare($module, /)\n--\n\n"
			  "Read what the interpreter would read late, so that it still works after enter():\n"
			  "codecs, the source lines that tracebacks show, the time zone, late imports.\n\n"
			  "Import what the program itself needs before. It sets TZ where the environment\n"
			  "does not, and sys.excepthook before Python 3.13.\n\n"
			  ">>> import pycapsicum, time\n"
			  ">>> pycapsicum.prepare()\n"
			  ">>> pycapsicum.enter()\n"
			  ">>> time.strftime('%H:%M', time.gmtime(0)), time.strptime('1970', '%Y').tm_yday\n"
			  "('00:00', 1)\n");

static PyObject *module_prepare(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
	PyObject *preparing = PyImport_ImportModule("pycapsicum._preparing"), *result;

	if (preparing == NULL)
		return NULL;
	result = PyObject_CallMethod(preparing, "prepare", NULL);
	Py_DECREF(preparing);
	return result;
}

PyDoc_STRVAR(enforcement_type_doc, "What a kernel enforces, as enforcement() tells it.");

/* In the order of the CE_ENFORCE_ bits. */
static PyStructSequence_Field enforcement_fields[] = { { "rights", "limits on descriptors" },
						       { "mode", "capability mode" },
						       { "lookups", "lookups beneath directories in capability mode" },
						       { "signals",
							 "signals only to the process itself in capability mode" },
						       { "exact", "by a kernel that has Capsicum" },
						       { NULL, NULL } };

#define ENFORCEMENT_FIELDS (LENGTH(enforcement_fields) - 1)

static PyStructSequence_Desc enforcement_desc = { "pycapsicum.Enforcement", enforcement_type_doc, enforcement_fields,
						  (int)ENFORCEMENT_FIELDS };

PyDoc_STRVAR(enforcement_doc, "enforcement($module, /)\n--\n\n"
			      "What this kernel can enforce; in capability mode, what it does enforce.\n\n"
			      ">>> import pycapsicum\n"
			      ">>> pycapsicum.enforcement().rights\n"
			      "True\n");

static PyObject *module_enforcement(PyObject *module, PyObject *Py_UNUSED(ignored))
{
	PyObject *result = PyStructSequence_New((PyTypeObject *)state_of_module(module)->enforcement_type);
	unsigned flags = ce_enforcement();
	size_t i;

	for (i = 0; result != NULL && i < ENFORCEMENT_FIELDS; i++)
		PyStructSequence_SetItem(result, (Py_ssize_t)i, PyBool_FromLong(flags >> i & 1));
	return result;
}

PyDoc_STRVAR(strerror_doc, "strerror($module, /, errno)\n--\n\n"
			   "The text of an errno, as os.strerror() and of ENOTCAPABLE and ECAPMODE everywhere.\n\n"
			   ">>> import pycapsicum\n"
			   ">>> pycapsicum.strerror(pycapsicum.ENOTCAPABLE)\n"
			   "'Capabilities insufficient'\n");

static PyObject *module_strerror(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
	PyObject *object = one_argument(args, kwargs, "O:strerror", "errno");
	long long error;

	if (object == NULL || whole_number(object, "errno", INT_MIN, INT_MAX, &error) != 0)
		return NULL;
	return error_text((int)error);
}

/* --------------------------------------------------------------- the module */

static PyMethodDef module_methods[] = { { "enter", module_enter, METH_NOARGS, enter_doc },
					{ "sandboxed", module_sandboxed, METH_NOARGS, sandboxed_doc },
					{ "getmode", module_getmode, METH_NOARGS, getmode_doc },
					{ "ioctls_limit", KEYWORDS(module_ioctls_limit), ioctls_limit_doc },
					{ "ioctls_get", KEYWORDS(module_ioctls_get), ioctls_get_doc },
					{ "fcntls_limit", KEYWORDS(module_fcntls_limit), fcntls_limit_doc },
					{ "fcntls_get", KEYWORDS(module_fcntls_get), fcntls_get_doc },
					{ "openat", KEYWORDS(module_openat), openat_doc },
					{ "opendir", KEYWORDS(module_opendir), opendir_doc },
					{ "rights_for", KEYWORDS(module_rights_for), rights_for_doc },
					{ "allows", KEYWORDS(module_allows), allows_doc },
					{ "prepare", module_prepare, METH_NOARGS, prepare_doc },
					{ "enforcement", module_enforcement, METH_NOARGS, enforcement_doc },
					{ "strerror", KEYWORDS(module_strerror), strerror_doc },
					{ NULL, NULL, 0, NULL } };

/* The value of a right, under each name that some release gives it. */
static int add_right(PyObject *module, const char *name)
{
	PyObject *value = PyLong_FromUnsignedLongLong(ce_right_by_name(name));
	int result = value == NULL ? -1 : PyModule_AddObjectRef(module, name, value);

	Py_XDECREF(value);
	return result;
}

static int add_rights(PyObject *module, module_state *state)
{
	static const char *const also[] = { "CAP_RECV",		 "CAP_SEND",	 "CAP_POLL_EVENT",     "CAP_LINKAT",
					    "CAP_LINKAT_TARGET", "CAP_RENAMEAT", "CAP_RENAMEAT_SOURCE" };
	size_t i, count = ce_right_count();

	state->names = PyTuple_New((Py_ssize_t)count);
	if (state->names == NULL)
		return -1;
	for (i = 0; i < count; i++) {
		PyObject *name = PyUnicode_InternFromString(ce_right_name_at(i));

		if (name == NULL)
			return -1;
		PyTuple_SET_ITEM(state->names, (Py_ssize_t)i, name);
		if (add_right(module, ce_right_name_at(i)) != 0)
			return -1;
	}
	for (i = 0; i < LENGTH(also); i++)
		if (add_right(module, also[i]) != 0)
			return -1;
	return 0;
}

static int add_numbers(PyObject *module)
{
	static const struct {
		const char *name;
		long long value;
	} numbers[] = {
		{ "CAP_FCNTL_GETFL", CAP_FCNTL_GETFL },	  { "CAP_FCNTL_SETFL", CAP_FCNTL_SETFL },
		{ "CAP_FCNTL_GETOWN", CAP_FCNTL_GETOWN }, { "CAP_FCNTL_SETOWN", CAP_FCNTL_SETOWN },
		{ "CAP_FCNTL_ALL", CAP_FCNTL_ALL },	  { "CAP_IOCTLS_ALL", CAP_IOCTLS_ALL },
		{ "ENOTCAPABLE", ENOTCAPABLE },		  { "ECAPMODE", ECAPMODE },
	};
	size_t i;

	for (i = 0; i < LENGTH(numbers); i++) {
		PyObject *value = PyLong_FromLongLong(numbers[i].value);
		int result = value == NULL ? -1 : PyModule_AddObjectRef(module, numbers[i].name, value);

		Py_XDECREF(value);
		if (result != 0)
			return -1;
	}
	return 0;
}

static int add_types(PyObject *module, module_state *state)
{
	PyObject *file_io = PyObject_GetAttrString(state->io, "FileIO");

	if (file_io == NULL)
		return -1;
	state->raw_type = new_raw_type(module, file_io);
	Py_DECREF(file_io);
	state->rights_type = add_type(module, &rights_spec, NULL);
	state->directory_type = add_type(module, &directory_spec, (PyObject *)&PyLong_Type);
	state->enforcement_type = (PyObject *)PyStructSequence_NewType(&enforcement_desc);
	if (state->raw_type == NULL || state->rights_type == NULL || state->directory_type == NULL ||
	    state->enforcement_type == NULL)
		return -1;
	return PyModule_AddType(module, (PyTypeObject *)state->enforcement_type);
}

static int module_exec(PyObject *module)
{
	module_state *state = state_of_module(module);

	state->io = PyImport_ImportModule("io");
	if (state->io == NULL || add_errors(module, state) != 0 || add_types(module, state) != 0 ||
	    add_rights(module, state) != 0 || add_numbers(module) != 0)
		return -1;
	return PyModule_AddStringConstant(module, "__version__", PYCAPSICUM_VERSION);
}

static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
	module_state *state = state_of_module(module);
	size_t kind;

	for (kind = 0; kind < ERROR_KINDS; kind++)
		Py_VISIT(state->errors[kind]);
	Py_VISIT(state->rights_type);
	Py_VISIT(state->directory_type);
	Py_VISIT(state->raw_type);
	Py_VISIT(state->enforcement_type);
	Py_VISIT(state->names);
	Py_VISIT(state->io);
	return 0;
}

static int module_clear(PyObject *module)
{
	module_state *state = state_of_module(module);
	size_t kind;

	for (kind = 0; kind < ERROR_KINDS; kind++)
		Py_CLEAR(state->errors[kind]);
	Py_CLEAR(state->rights_type);
	Py_CLEAR(state->directory_type);
	Py_CLEAR(state->raw_type);
	Py_CLEAR(state->enforcement_type);
	Py_CLEAR(state->names);
	Py_CLEAR(state->io);
	return 0;
}

static void module_free(void *module)
{
	(void)module_clear((PyObject *)module);
}

static PyModuleDef_Slot module_slots[] = { { Py_mod_exec, SLOT(module_exec) },
#if PY_VERSION_HEX >= 0x030C0000
					   { Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED },
#endif
#if PY_VERSION_HEX >= 0x030D0000
					   { Py_mod_gil, Py_MOD_GIL_NOT_USED },
#endif
					   { 0, NULL } };

PyDoc_STRVAR(module_doc, "Capsicum: descriptors limited to what they are for, and capability mode.\n\n"
			 "On FreeBSD its kernel enforces; on Linux the kernel does so by seccomp and\n"
			 "Landlock. Elsewhere every limit raises CapsicumError (ENOSYS).\n\n"
			 ">>> import os, pycapsicum\n"
			 ">>> reading, writing = os.pipe()\n"
			 ">>> pycapsicum.CapRights(['CAP_READ']).limit(reading)\n"
			 ">>> pycapsicum.enter()\n"
			 ">>> pycapsicum.sandboxed()\n"
			 "True\n");

static struct PyModuleDef module_def = {
	PyModuleDef_HEAD_INIT,		.m_name = "pycapsicum",	     .m_doc = module_doc,
	.m_size = sizeof(module_state), .m_methods = module_methods, .m_slots = module_slots,
	.m_traverse = module_traverse,	.m_clear = module_clear,     .m_free = module_free,
};

PyMODINIT_FUNC PyInit_pycapsicum(void)
{
	return PyModuleDef_Init(&module_def);
}
