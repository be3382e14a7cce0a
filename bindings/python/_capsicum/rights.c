/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CapRights: a set of rights as a Python object.
 */
#define CAPSICUM_EASY_IMPLEMENTATION /* here, for what is done with sets is short and done often */
#include "extension.h"

typedef struct {
	PyObject_HEAD cap_rights_t rights;
} rights_object;

static void rights_dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	type->tp_free(self);
	Py_DECREF(type);
}

/* Returns CapRights among the bases of a type, or NULL. Its tp_dealloc tells: no subclass inherits that. */
static PyTypeObject *rights_base(PyTypeObject *type)
{
	while (type != NULL && type->tp_dealloc != rights_dealloc)
		type = type->tp_base;
	return type;
}

bool is_rights(PyObject *object)
{
	return rights_base(Py_TYPE(object)) != NULL;
}

module_state *state_of_rights(PyObject *self)
{
	return (module_state *)PyType_GetModuleState(rights_base(Py_TYPE(self)));
}

cap_rights_t rights_value(PyObject *self)
{
	cap_rights_t value;

	Py_BEGIN_CRITICAL_SECTION(self);
	value = ((rights_object *)self)->rights;
	Py_END_CRITICAL_SECTION();
	return value;
}

void rights_assign(PyObject *self, const cap_rights_t *value)
{
	Py_BEGIN_CRITICAL_SECTION(self);
	((rights_object *)self)->rights = *value;
	Py_END_CRITICAL_SECTION();
}

PyObject *rights_alloc(PyTypeObject *type, const cap_rights_t *value)
{
	PyObject *self = type->tp_alloc(type, 0);

	if (self != NULL)
		((rights_object *)self)->rights = *value;
	return self;
}

static PyObject *rights_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
	static const cap_rights_t none = CE_RIGHTS();

	return rights_alloc(type, &none);
}

static int rights_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
	static char *names[] = { "caps", NULL };
	cap_rights_t value = CE_RIGHTS();
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

/* The fewest names that say what is in the set. */
static PyObject *rights_str(PyObject *self)
{
	char text[RIGHTS_TEXT_MOST];
	cap_rights_t value = rights_value(self);

	return PyUnicode_FromStringAndSize(text, ce_rights_format(&value, text, sizeof(text)));
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

static bool compares(int operation, const cap_rights_t *a, const cap_rights_t *b)
{
	switch (operation) {
	case Py_EQ:
		return ce_rights_equal(a, b);
	case Py_NE:
		return !ce_rights_equal(a, b);
	case Py_LE:
		return ce_rights_contains(b, a);
	case Py_LT:
		return ce_rights_contains(b, a) && !ce_rights_equal(a, b);
	case Py_GE:
		return ce_rights_contains(a, b);
	default:
		return ce_rights_contains(a, b) && !ce_rights_equal(a, b);
	}
}

static PyObject *rights_richcompare(PyObject *left, PyObject *right, int operation)
{
	cap_rights_t a, b;

	if (!is_rights(left) || !is_rights(right))
		Py_RETURN_NOTIMPLEMENTED;
	a = rights_value(left);
	b = rights_value(right);
	return PyBool_FromLong(compares(operation, &a, &b));
}

/* ----------------------------------------------------------- combining two */

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

/* A method that changes self by its one argument. */
#define CHANGES(name, argument, combine)                                                 \
	static PyObject *rights_##name(PyObject *self, PyObject *args, PyObject *kwargs) \
	{                                                                                \
		PyObject *other = one_argument(args, kwargs, "O:" #name, argument);      \
                                                                                         \
		if (other == NULL || rights_update(self, other, combine) != 0)           \
			return NULL;                                                     \
		Py_RETURN_NONE;                                                          \
	}
CHANGES(set, "caplist", ce_rights_merge)
CHANGES(clear, "caplist", ce_rights_remove)
CHANGES(merge, "otherCR", ce_rights_merge)
CHANGES(remove, "otherCR", ce_rights_remove)
#undef CHANGES

static int rights_holds(PyObject *self, PyObject *needed)
{
	cap_rights_t value, little;

	if (rights_argument(needed, &little) != 0)
		return -1;
	value = rights_value(self);
	return ce_rights_contains(&value, &little);
}

/* A method that tells whether self has what its one argument stands for. */
#define TESTS(name, argument)                                                            \
	static PyObject *rights_##name(PyObject *self, PyObject *args, PyObject *kwargs) \
	{                                                                                \
		PyObject *needed = one_argument(args, kwargs, "O:" #name, argument);     \
		int result = needed == NULL ? -1 : rights_holds(self, needed);           \
                                                                                         \
		return result < 0 ? NULL : PyBool_FromLong(result);                      \
	}
TESTS(is_set, "caplist")
TESTS(contains, "otherCR")
#undef TESTS

/* ------------------------------------------------------------- a collection */

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

/* ------------------------------------------------------------ other methods */

static PyObject *rights_is_valid(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	cap_rights_t value = rights_value(self);

	return PyBool_FromLong(ce_rights_is_valid(&value));
}

static PyObject *rights_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	cap_rights_t value = rights_value(self);

	return rights_alloc(Py_TYPE(self), &value);
}

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

static PyMethodDef rights_methods[] = { { "set", KEYWORDS(rights_set), DOC_CapRights_set },
					{ "clear", KEYWORDS(rights_clear), DOC_CapRights_clear },
					{ "is_set", KEYWORDS(rights_is_set), DOC_CapRights_is_set },
					{ "is_valid", rights_is_valid, METH_NOARGS, DOC_CapRights_is_valid },
					{ "merge", KEYWORDS(rights_merge), DOC_CapRights_merge },
					{ "remove", KEYWORDS(rights_remove), DOC_CapRights_remove },
					{ "contains", KEYWORDS(rights_contains), DOC_CapRights_contains },
					{ "limit", KEYWORDS(rights_limit), DOC_CapRights_limit },
					{ "get", KEYWORDS(rights_get), DOC_CapRights_get },
					{ "copy", rights_copy, METH_NOARGS, DOC_CapRights_copy },
					{ "__reduce__", rights_reduce, METH_NOARGS, DOC_CapRights___reduce__ },
					{ NULL, NULL, 0, NULL } };

static PyGetSetDef rights_getset[] = { { "caps", rights_caps, NULL, DOC_CapRights_caps, NULL },
				       { NULL, NULL, NULL, NULL, NULL } };

static PyType_Slot rights_slots[] = { { Py_tp_doc, DOC_CapRights },
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

PyType_Spec rights_spec = {
	.name = "pycapsicum.CapRights",
	.basicsize = sizeof(rights_object),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
	.slots = rights_slots,
};
