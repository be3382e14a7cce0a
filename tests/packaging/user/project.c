/* SPDX-License-Identifier: BSD-2-Clause */
#include <capsicum_easy.h>

int main(void)
{
	return ce_limit(0, CE_SET(CAP_READ)) == 0 && ce_enter() == 0 && ce_sandboxed() ? 0 : 1;
}
