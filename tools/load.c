/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Starts a program without execve(2) (Linux, ELF of this machine's own kind).
 *
 * execve(2) in capability mode starts only what needs no file by its path, and takes away the handler that answers for
 * names (names.c). So what the kernel does for execve is done here, fs/binfmt_elf.c being the model: the segments of
 * the program and of its loader are mapped, and the loader is entered with the arguments, the environment and the
 * auxiliary vector on the stack. This process is in capability mode before: no code of the program ever runs outside
 * it, whatever it is and whatever its loader does.
 */
#define _GNU_SOURCE
#include "load.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 35)
#include <sys/rseq.h>
#endif

#ifdef __x86_64__
#define MACHINE EM_X86_64
#else
#define MACHINE EM_AARCH64
#endif

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

struct load_file {
	int fd;
	ElfW(Ehdr) header;
	ElfW(Phdr) segments[LOAD_HEADERS];
	char interpreter[4096];
};

/* Where a file was mapped. */
struct image {
	uintptr_t base; /* what is added to the addresses of the file */
	uintptr_t entry;
	uintptr_t headers;
};

/* ---- reading ---- */

__attribute__((format(printf, 2, 3))) static struct load_file *refuse(struct load_error *error, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(error->text, sizeof(error->text), format, list);
	va_end(list);
	return NULL;
}

static bool read_all(int fd, void *buffer, size_t size, off_t at)
{
	return pread(fd, buffer, size, at) == (ssize_t)size;
}

/* What is wrong with the header, or NULL. */
static const char *fault_of(const ElfW(Ehdr) * header)
{
	if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
		return "neither a program nor a script";
	if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
	    header->e_machine != MACHINE)
		return "a program for another architecture: its system calls are not those that capability mode knows";
	if (header->e_type != ET_EXEC && header->e_type != ET_DYN)
		return "no executable";
	if (header->e_phentsize != sizeof(ElfW(Phdr)) || header->e_phnum == 0 || header->e_phnum > LOAD_HEADERS)
		return "its program headers cannot be read";
	return NULL;
}

static bool read_interpreter(struct load_file *file)
{
	size_t i;

	for (i = 0; i < file->header.e_phnum; i++) {
		const ElfW(Phdr) *segment = &file->segments[i];

		if (segment->p_type != PT_INTERP)
			continue;
		return segment->p_filesz > 1 && segment->p_filesz <= sizeof(file->interpreter) &&
		       read_all(file->fd, file->interpreter, segment->p_filesz, (off_t)segment->p_offset) &&
		       file->interpreter[segment->p_filesz - 1] == '\0';
	}
	return true;
}

struct load_file *load_prepare(int fd, const char **interpreter, struct load_error *error)
{
	struct load_file *file = (struct load_file *)calloc(1, sizeof(*file));
	const char *fault;

	if (file == NULL)
		return refuse(error, "%s", strerror(errno));
	file->fd = fd;
	if (!read_all(fd, &file->header, sizeof(file->header), 0))
		return refuse(error, "neither a program nor a script");
	fault = fault_of(&file->header);
	if (fault != NULL)
		return refuse(error, "%s", fault);
	if (!read_all(fd, file->segments, file->header.e_phnum * sizeof(file->segments[0]),
		      (off_t)file->header.e_phoff))
		return refuse(error, "its program headers cannot be read");
	if (!read_interpreter(file))
		return refuse(error, "the name of its loader cannot be read");
	*interpreter = file->interpreter[0] != '\0' ? file->interpreter : NULL;
	return file;
}

/* ---- mapping ---- */

static uintptr_t page_of(uintptr_t address)
{
	return address & ~((uintptr_t)getauxval(AT_PAGESZ) - 1);
}

static uintptr_t page_after(uintptr_t address)
{
	return page_of(address + (uintptr_t)getauxval(AT_PAGESZ) - 1);
}

/* The addresses that the segments take, and the strictest alignment that one asks for. */
static bool extent_of(const struct load_file *file, uintptr_t *low, uintptr_t *high, uintptr_t *alignment)
{
	size_t i;

	*low = UINTPTR_MAX;
	*high = 0;
	*alignment = (uintptr_t)getauxval(AT_PAGESZ);
	for (i = 0; i < file->header.e_phnum; i++) {
		const ElfW(Phdr) *segment = &file->segments[i];

		if (segment->p_type != PT_LOAD)
			continue;
		if (segment->p_vaddr < *low)
			*low = page_of(segment->p_vaddr);
		if (segment->p_vaddr + segment->p_memsz > *high)
			*high = page_after(segment->p_vaddr + segment->p_memsz);
		if (segment->p_align > *alignment && (segment->p_align & (segment->p_align - 1)) == 0)
			*alignment = segment->p_align;
	}
	return *low < *high;
}

/* Takes the room for a whole file; returns what is to be added to its addresses, or -1 (which no base is). */
static uintptr_t reserve(const struct load_file *file)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	uintptr_t low, high, alignment, at, end;
	void *room;

	if (!extent_of(file, &low, &high, &alignment)) {
		errno = ENOEXEC;
		return UINTPTR_MAX;
	}
	if (file->header.e_type == ET_EXEC) {
		room = mmap((void *)low, high - low, PROT_NONE, flags | MAP_FIXED_NOREPLACE, -1, 0);
		if (room != MAP_FAILED && room != (void *)low) { /* a kernel before 4.17 takes it as a hint */
			munmap(room, high - low);
			errno = EEXIST;
			return UINTPTR_MAX;
		}
		return room == MAP_FAILED ? UINTPTR_MAX : 0;
	}
	room = mmap(NULL, high - low + alignment, PROT_NONE, flags, -1, 0);
	if (room == MAP_FAILED)
		return UINTPTR_MAX;
	at = ((uintptr_t)room + alignment - 1) & ~(alignment - 1);
	end = at + (high - low);
	if (at > (uintptr_t)room)
		munmap(room, at - (uintptr_t)room);
	munmap((void *)end, (uintptr_t)room + (high - low) + alignment - end);
	return at - low;
}

static int protection_of(const ElfW(Phdr) * segment)
{
	return ((segment->p_flags & PF_R) != 0 ? PROT_READ : 0) | ((segment->p_flags & PF_W) != 0 ? PROT_WRITE : 0) |
	       ((segment->p_flags & PF_X) != 0 ? PROT_EXEC : 0);
}

static bool map_segment(const struct load_file *file, const ElfW(Phdr) * segment, uintptr_t base)
{
	const uintptr_t start = base + segment->p_vaddr, in_file = start + segment->p_filesz;
	const uintptr_t end = page_after(start + segment->p_memsz), at = page_of(start);
	const int protection = protection_of(segment);
	uintptr_t zeros = page_after(in_file);

	if (segment->p_filesz == 0)
		zeros = at;
	else if (mmap((void *)at, zeros - at, protection, MAP_PRIVATE | MAP_FIXED, file->fd,
		      (off_t)(segment->p_offset - (start - at))) == MAP_FAILED)
		return false;
	if ((protection & PROT_WRITE) != 0 && segment->p_memsz > segment->p_filesz && zeros > in_file)
		memset((void *)in_file, 0, zeros - in_file);
	return end <= zeros || mmap((void *)zeros, end - zeros, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
				    0) != MAP_FAILED;
}

/* Where the program headers lie in memory: in the segment that has them. */
static uintptr_t headers_of(const struct load_file *file, uintptr_t base)
{
	size_t i;

	for (i = 0; i < file->header.e_phnum; i++) {
		const ElfW(Phdr) *segment = &file->segments[i];

		if (segment->p_type == PT_LOAD && segment->p_offset <= file->header.e_phoff &&
		    file->header.e_phoff < segment->p_offset + segment->p_filesz)
			return base + segment->p_vaddr + (file->header.e_phoff - segment->p_offset);
	}
	return 0;
}

static bool map(const struct load_file *file, struct image *image)
{
	size_t i;

	image->base = reserve(file);
	if (image->base == UINTPTR_MAX)
		return false;
	for (i = 0; i < file->header.e_phnum; i++)
		if (file->segments[i].p_type == PT_LOAD && !map_segment(file, &file->segments[i], image->base))
			return false;
	image->entry = image->base + file->header.e_entry;
	image->headers = headers_of(file, image->base);
	return close(file->fd) == 0;
}

/* ---- starting ---- */

/*
 * load_enter() goes to `entry` with `stack`; load_finished is where the loader believes that the program begins: it
 * calls load_loaded and goes on to load_entry, with all registers as the loader left them.
 */
uintptr_t load_entry __attribute__((visibility("hidden")));
void (*load_loaded)(void) __attribute__((visibility("hidden")));
extern const char load_finished[] __attribute__((visibility("hidden")));
__attribute__((noreturn)) extern void load_enter(uintptr_t stack, uintptr_t entry)
	__attribute__((visibility("hidden")));

#if defined(__x86_64__)
__asm__(".text\n"
	".hidden load_enter\n.globl load_enter\n"
	"load_enter:\n"
	"\tmov %rdi, %rsp\n\tmov %rsi, %rax\n\txor %edx, %edx\n\txor %ebp, %ebp\n\tjmp *%rax\n"
	".hidden load_finished\n.globl load_finished\n"
	"load_finished:\n"
	"\tendbr64\n\tpush %rdx\n\tpush %rdx\n"
	"\tcall *load_loaded(%rip)\n"
	"\tpop %rdx\n\tpop %rdx\n\tjmp *load_entry(%rip)\n");
#else
__asm__(".text\n"
	".hidden load_enter\n.globl load_enter\n"
	"load_enter:\n"
	"\tmov sp, x0\n\tmov x16, x1\n\tmov x0, #0\n\tmov x29, #0\n\tmov x30, #0\n\tbr x16\n"
	".hidden load_finished\n.globl load_finished\n"
	"load_finished:\n"
	"\tbti j\n\tstr x0, [sp, #-16]!\n"
	"\tadrp x16, load_loaded\n\tldr x16, [x16, #:lo12:load_loaded]\n\tblr x16\n"
	"\tldr x0, [sp], #16\n"
	"\tadrp x16, load_entry\n\tldr x16, [x16, #:lo12:load_entry]\n\tbr x16\n");
#endif

/* What the kernel told this process and a new program may know as it is. */
static const unsigned long kept[] = {
	AT_SYSINFO_EHDR,
	AT_HWCAP,
	AT_HWCAP2,
	AT_PAGESZ,
	AT_CLKTCK,
	AT_UID,
	AT_EUID,
	AT_GID,
	AT_EGID,
	AT_PLATFORM,
	AT_BASE_PLATFORM,
	27 /* AT_RSEQ_FEATURE_SIZE */,
	28 /* AT_RSEQ_ALIGN */,
	29 /* AT_HWCAP3 */,
	30 /* AT_HWCAP4 */,
	51 /* AT_MINSIGSTKSZ */,
};

static uintptr_t *put(uintptr_t *at, uintptr_t type, uintptr_t value)
{
	*at++ = type;
	*at++ = value;
	return at;
}

static uintptr_t *put_vector(uintptr_t *at, const struct load_file *file, const struct image *program,
			     const struct image *loader, const char *path)
{
	static unsigned char random[16]; /* for stack protectors */
	size_t i;

	if (getrandom(random, sizeof(random), 0) == (ssize_t)sizeof(random))
		at = put(at, AT_RANDOM, (uintptr_t)random);
	for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (getauxval(kept[i]) != 0)
			at = put(at, kept[i], getauxval(kept[i]));
	at = put(at, AT_PHDR, program->headers);
	at = put(at, AT_PHENT, sizeof(ElfW(Phdr)));
	at = put(at, AT_PHNUM, file->header.e_phnum);
	at = put(at, AT_ENTRY, loader != NULL ? (uintptr_t)load_finished : program->entry);
	at = put(at, AT_BASE, loader != NULL ? loader->base : 0);
	at = put(at, AT_SECURE, 0);
	at = put(at, AT_EXECFN, (uintptr_t)path);
	return put(at, AT_NULL, 0);
}

static size_t count(char **list)
{
	size_t n = 0;

	while (list[n] != NULL)
		n++;
	return n;
}

/* The C library of the program wants to make its own of this. */
static void give_up_rseq(void)
{
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 35)
	void *area = (char *)__builtin_thread_pointer() + __rseq_offset;

	syscall(SYS_rseq, area, 32L, (long)RSEQ_FLAG_UNREGISTER, (long)RSEQ_SIG);
#endif
}

void load_start(const struct load_file *file, const struct load_file *loader_file, const char *path, char **argv,
		char **environment, void (*loaded)(void))
{
	const size_t arguments = count(argv), variables = count(environment);
	struct image program, loader;
	uintptr_t *stack, *at;
	size_t i;

	if (!map(file, &program) || (loader_file != NULL && !map(loader_file, &loader)))
		return;
	/* On this stack, which grows as the kernel lets it; what is above, among it the texts, is kept. */
	stack = (uintptr_t *)__builtin_alloca((arguments + variables + 80) * sizeof(*stack) + 16);
	stack = (uintptr_t *)(((uintptr_t)stack + 15) & ~(uintptr_t)15);
	at = stack;
	*at++ = arguments;
	for (i = 0; i <= arguments; i++)
		*at++ = (uintptr_t)argv[i];
	for (i = 0; i <= variables; i++)
		*at++ = (uintptr_t)environment[i];
	put_vector(at, file, &program, loader_file != NULL ? &loader : NULL, path);
	load_entry = program.entry;
	load_loaded = loaded;
	give_up_rseq();
	load_enter((uintptr_t)stack, loader_file != NULL ? loader.entry : program.entry);
}
