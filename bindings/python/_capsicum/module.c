/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The module _capsicum: its state, its constants, and how it comes and goes. It can be loaded more than once, into
 * subinterpreters too, and needs no GIL.
 */
#include "extension.h"

#ifndef PYCAPSICUM_VERSION
#error "PYCAPSICUM_VERSION must be defined by the build: the version of the package"
#endif

/* Adds a value to the module, and lets go of it. */
static int add(PyObject *module, const char *name, PyObject *value)
{
	int result = value == NULL ? -1 : PyObject_SetAttrString(module, name, value);

	Py_XDECREF(value);
	return result;
}

/* Each right under each name that some release gives it. */
static int add_rights(PyObject *module, module_state *state)
{
	static const char *const names[] = { RIGHT_NAMES };
	size_t i, count = ce_right_count();

	for (i = 0; i < LENGTH(names); i++)
		if (add(module, names[i], PyLong_FromUnsignedLongLong(ce_right_by_name(names[i]))) != 0)
			return -1;
	state->names = PyTuple_New((Py_ssize_t)count);
	for (i = 0; state->names != NULL && i < count; i++) {
		PyObject *name = PyUnicode_InternFromString(ce_right_name_at(i));

		if (name == NULL)
			return -1;
		PyTuple_SET_ITEM(state->names, (Py_ssize_t)i, name);
	}
	return state->names == NULL ? -1 : 0;
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

	for (i = 0; i < LENGTH(numbers); i++)
		if (add(module, numbers[i].name, PyLong_FromLongLong(numbers[i].value)) != 0)
			return -1;
	return 0;
}

static PyObject *set_error(PyObject *module, PyObject *class)
{
	module_state *state = state_of_module(module);
	PyObject *old = state->error;

	Py_INCREF(class);
	state->error = class;
	Py_XDECREF(old);
	Py_RETURN_NONE;
}

static PyMethodDef module_functions[] = { { "_set_error", set_error, METH_O, DOC__set_error },
					  { NULL, NULL, 0, NULL } };

static int module_exec(PyObject *module)
{
	module_state *state = state_of_module(module);

	Py_INCREF(PyExc_OSError);
	state->error = PyExc_OSError;
	state->rights_type = PyType_FromModuleAndSpec(module, &rights_spec, NULL);
	if (state->rights_type == NULL || PyModule_AddType(module, (PyTypeObject *)state->rights_type) != 0 ||
	    PyModule_AddFunctions(module, limit_functions) != 0 || PyModule_AddFunctions(module, call_functions) != 0)
		return -1;
	if (add_rights(module, state) != 0 || add_numbers(module) != 0)
		return -1;
	return PyModule_AddStringConstant(module, "__version__", PYCAPSICUM_VERSION);
}

static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
	module_state *state = state_of_module(module);

	Py_VISIT(state->error);
	Py_VISIT(state->rights_type);
	Py_VISIT(state->names);
	return 0;
}

static int module_clear(PyObject *module)
{
	module_state *state = state_of_module(module);

	Py_CLEAR(state->error);
	Py_CLEAR(state->rights_type);
	Py_CLEAR(state->names);
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

static struct PyModuleDef module_def = {
	PyModuleDef_HEAD_INIT,		.m_name = "_capsicum",	       .m_doc = DOC_module,
	.m_size = sizeof(module_state), .m_methods = module_functions, .m_slots = module_slots,
	.m_traverse = module_traverse,	.m_clear = module_clear,       .m_free = module_free,
};

PyMODINIT_FUNC PyInit__capsicum(void)
{
	return PyModuleDef_Init(&module_def);
}
