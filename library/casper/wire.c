/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A list as a message on a stream socket.
 *
 * Header: magic, size of what follows, id (32 bits each), count of descriptors, the list's flags (16 bits each). Then
 * the items: type (8 bits), 0 (8), length of the name (16), size of the value (32), name, value. A list as value is 8
 * bits of flags and its items; a descriptor has no value but is the next one that came along. Numbers are in the
 * machine's order: both ends are one program. A sandboxed client sends no descriptors, and so needs no sendmsg(2),
 * which capability mode on Linux refuses.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "casper.h"

#define MAGIC 0x31505343u
#define DEPTH_MAX 8u
#define ITEM_HEADER 8u
#define STEP 65536u /* memory is taken as bytes arrive, not as a header promises */

struct header {
	uint32_t magic;
	uint32_t size;
	uint32_t id;
	uint16_t fds;
	uint16_t flags;
};

struct output {
	uint8_t *bytes;
	size_t used;
	size_t room;
	int *fds;
	size_t nfds;
	int error;
};

struct input {
	const uint8_t *bytes;
	size_t left;
	int *fds;
	size_t nfds;
	size_t taken;
};

static void put(struct output *out, const void *bytes, size_t size)
{
	if (out->error == 0 && size > WIRE_SIZE_MAX + WIRE_HEADER - out->used)
		out->error = EMSGSIZE;
	if (out->error == 0 && out->used + size > out->room) {
		size_t room = (out->used + size) * 2;
		uint8_t *grown = realloc(out->bytes, room);

		if (grown == NULL) {
			out->error = ENOMEM;
			return;
		}
		out->bytes = grown;
		out->room = room;
	}
	if (out->error == 0 && size > 0) {
		memcpy(out->bytes + out->used, bytes, size);
		out->used += size;
	}
}

static void put_list(struct output *out, const nvlist_t *list, unsigned depth);

static void put_value(struct output *out, int type, void *cookie, unsigned depth)
{
	const void *bytes = NULL;
	uint64_t number;
	size_t size = 0;
	uint8_t flags;

	if (type == NV_TYPE_BOOL || type == NV_TYPE_NUMBER) {
		number = cnvlist_get_number(cookie);
		put(out, &number, sizeof(number));
	} else if (type == NV_TYPE_STRING) {
		bytes = cnvlist_get_string(cookie);
		put(out, bytes, strlen(bytes));
	} else if (type == NV_TYPE_BINARY) {
		bytes = cnvlist_get_binary(cookie, &size);
		put(out, bytes, size);
	} else if (type == NV_TYPE_NVLIST) {
		flags = (uint8_t)nvlist_flags(cnvlist_get_nvlist(cookie));
		put(out, &flags, sizeof(flags));
		put_list(out, cnvlist_get_nvlist(cookie), depth + 1);
	} else if (type == NV_TYPE_DESCRIPTOR) {
		if (out->nfds == WIRE_FDS_MAX)
			out->error = EMSGSIZE;
		else
			out->fds[out->nfds++] = cnvlist_get_descriptor(cookie);
	}
}

static void put_list(struct output *out, const nvlist_t *list, unsigned depth)
{
	void *cookie = NULL;
	const char *name;
	int type;

	if (depth > DEPTH_MAX)
		out->error = EMSGSIZE;
	while (out->error == 0 && (name = nvlist_next(list, &type, &cookie)) != NULL) {
		size_t start = out->used;
		uint16_t name_length = (uint16_t)strlen(name);
		uint32_t size = 0;
		uint8_t head[2] = { (uint8_t)type, 0 };

		put(out, head, sizeof(head));
		put(out, &name_length, sizeof(name_length));
		put(out, &size, sizeof(size));
		put(out, name, name_length);
		put_value(out, type, cookie, depth);
		if (out->error == 0) {
			size = (uint32_t)(out->used - start - ITEM_HEADER - name_length);
			memcpy(out->bytes + start + 4, &size, sizeof(size));
		}
	}
}

/* Packs a list, header and all, into *bytes, which the caller frees. fds: room for WIRE_FDS_MAX; they stay the list's.
 */
int wire_pack(const nvlist_t *list, uint32_t id, uint8_t **bytes, size_t *size, int *fds, size_t *nfds)
{
	struct output out = { .fds = fds };
	struct header header = { .magic = MAGIC, .id = id };

	out.error = nvlist_error(list);
	put(&out, &header, sizeof(header));
	put_list(&out, list, 0);
	if (out.error != 0) {
		free(out.bytes);
		errno = out.error;
		return -1;
	}
	header.size = (uint32_t)(out.used - sizeof(header));
	header.fds = (uint16_t)out.nfds;
	header.flags = (uint16_t)nvlist_flags(list);
	memcpy(out.bytes, &header, sizeof(header));
	*bytes = out.bytes;
	*size = out.used;
	*nfds = out.nfds;
	return 0;
}

static bool get(struct input *in, void *value, size_t size)
{
	if (in->left < size)
		return false;
	memcpy(value, in->bytes, size);
	in->bytes += size;
	in->left -= size;
	return true;
}

/* A string from bytes in which there may be no NUL. */
static char *text_of(const uint8_t *bytes, size_t size)
{
	return memchr(bytes, '\0', size) != NULL ? NULL : strndup((const char *)bytes, size);
}

static bool get_items(struct input *in, nvlist_t *list, unsigned depth);

static bool get_list(struct input *in, nvlist_t *parent, const char *name, unsigned depth)
{
	uint8_t flags;
	nvlist_t *list;

	if (!get(in, &flags, sizeof(flags)))
		return false;
	list = nvlist_create(flags);
	if (list == NULL || !get_items(in, list, depth + 1)) {
		nvlist_destroy(list);
		return false;
	}
	nvlist_move_nvlist(parent, name, list);
	return true;
}

/* in: exactly the value's bytes. */
static bool get_value(struct input *in, nvlist_t *list, const char *name, int type, unsigned depth)
{
	uint64_t number;
	char *text;

	switch (type) {
	case NV_TYPE_NULL:
		nvlist_add_null(list, name);
		break;
	case NV_TYPE_BOOL:
	case NV_TYPE_NUMBER:
		if (!get(in, &number, sizeof(number)))
			return false;
		if (type == NV_TYPE_BOOL)
			nvlist_add_bool(list, name, number != 0);
		else
			nvlist_add_number(list, name, number);
		break;
	case NV_TYPE_STRING:
		text = text_of(in->bytes, in->left);
		nvlist_move_string(list, name, text);
		in->left = 0;
		break;
	case NV_TYPE_BINARY:
		nvlist_add_binary(list, name, in->bytes, in->left);
		in->left = 0;
		break;
	case NV_TYPE_NVLIST:
		return get_list(in, list, name, depth);
	case NV_TYPE_DESCRIPTOR:
		if (in->taken == in->nfds)
			return false;
		nvlist_move_descriptor(list, name, in->fds[in->taken]);
		in->fds[in->taken++] = -1;
		break;
	default:
		return false;
	}
	return in->left == 0;
}

static bool get_item(struct input *in, nvlist_t *list, unsigned depth)
{
	struct input value;
	uint8_t head[2];
	uint16_t name_length;
	uint32_t size;
	char *name;
	bool ok;

	if (!get(in, head, sizeof(head)) || !get(in, &name_length, sizeof(name_length)) ||
	    !get(in, &size, sizeof(size)))
		return false;
	if (head[1] != 0 || name_length >= NV_NAME_MAX || in->left < name_length || in->left - name_length < size)
		return false;
	name = text_of(in->bytes, name_length);
	if (name == NULL)
		return false;
	value = *in;
	value.bytes += name_length;
	value.left = size;
	ok = get_value(&value, list, name, head[0], depth);
	free(name);
	in->taken = value.taken;
	in->bytes += name_length + size;
	in->left -= name_length + size;
	return ok && nvlist_error(list) == 0;
}

static bool get_items(struct input *in, nvlist_t *list, unsigned depth)
{
	bool ok = depth <= DEPTH_MAX;

	while (ok && in->left > 0)
		ok = get_item(in, list, depth);
	return ok;
}

/*
 * The list in a message's bytes behind the header. Takes the descriptors that belong in it, putting -1 in their place;
 * the caller closes the others. NULL with EBADMSG.
 */
nvlist_t *wire_unpack(const uint8_t *bytes, size_t size, int flags, int *fds, size_t nfds)
{
	struct input in = { .bytes = bytes, .left = size, .fds = fds, .nfds = nfds };
	nvlist_t *list = nvlist_create(flags);

	if (list != NULL && get_items(&in, list, 0) && in.taken == nfds)
		return list;
	nvlist_destroy(list);
	errno = EBADMSG;
	return NULL;
}

/* Waits where a socket was made nonblocking. */
static bool wait_for(int sock, short events)
{
	struct pollfd waiting = { .fd = sock, .events = events };

	if (errno == EINTR)
		return true;
	return (errno == EAGAIN || errno == EWOULDBLOCK) && (poll(&waiting, 1, -1) > 0 || errno == EINTR);
}

static ssize_t send_some(int sock, const uint8_t *bytes, size_t size, const int *fds, size_t nfds)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(WIRE_FDS_MAX * sizeof(int))];
	} control;
	struct iovec part = { .iov_len = size };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control };
	struct cmsghdr *item;

	if (nfds == 0)
		return send(sock, bytes, size, MSG_NOSIGNAL);
	memcpy(&part.iov_base, &bytes, sizeof(bytes)); /* sendmsg(2) does not write there */
	memset(&control, 0, sizeof(control));
	message.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
	item = CMSG_FIRSTHDR(&message);
	item->cmsg_level = SOL_SOCKET;
	item->cmsg_type = SCM_RIGHTS;
	item->cmsg_len = CMSG_LEN(nfds * sizeof(int));
	memcpy(CMSG_DATA(item), fds, nfds * sizeof(int));
	return sendmsg(sock, &message, MSG_NOSIGNAL);
}

int wire_send(int sock, const nvlist_t *list, uint32_t id)
{
	int fds[WIRE_FDS_MAX];
	uint8_t *bytes;
	size_t nfds;
	size_t size;
	size_t done = 0;

	if (wire_pack(list, id, &bytes, &size, fds, &nfds) != 0)
		return -1;
	while (done < size) {
		ssize_t sent = send_some(sock, bytes + done, size - done, fds, done == 0 ? nfds : 0);

		if (sent > 0)
			done += (size_t)sent;
		else if (sent == 0 || !wait_for(sock, POLLOUT))
			break;
	}
	free(bytes);
	return done == size ? 0 : -1;
}

static void close_all(const int *fds, size_t nfds)
{
	int error = errno;

	for (size_t at = 0; at < nfds; at++)
		if (fds[at] >= 0)
			close(fds[at]);
	errno = error;
}

/* Adds what came along to fds. False if there is more than may be. */
static bool take_descriptors(struct msghdr *message, int *fds, size_t *nfds)
{
	bool ok = (message->msg_flags & MSG_CTRUNC) == 0;

	for (struct cmsghdr *item = CMSG_FIRSTHDR(message); item != NULL; item = CMSG_NXTHDR(message, item)) {
		size_t count;

		if (item->cmsg_level != SOL_SOCKET || item->cmsg_type != SCM_RIGHTS)
			continue;
		count = (item->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t at = 0; at < count; at++) {
			int fd;

			memcpy(&fd, CMSG_DATA(item) + at * sizeof(fd), sizeof(fd));
			if (*nfds < WIRE_FDS_MAX) {
				fds[(*nfds)++] = fd;
			} else {
				close(fd);
				ok = false;
			}
		}
	}
	return ok;
}

/* Reads exactly size bytes. Descriptors that come along are added. ENOTCONN at the end of the stream. */
static int receive_all(int sock, uint8_t *bytes, size_t size, int *fds, size_t *nfds)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(WIRE_FDS_MAX * sizeof(int))];
	} control;
	size_t done = 0;

	while (done < size) {
		struct iovec part = { .iov_base = bytes + done, .iov_len = size - done };
		struct msghdr message = {
			.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
		};
		ssize_t n = recvmsg(sock, &message, MSG_CMSG_CLOEXEC);

		if (n > 0 && !take_descriptors(&message, fds, nfds)) {
			errno = EMFILE;
			return -1;
		}
		if (n > 0)
			done += (size_t)n;
		else if (n == 0 || errno == ECONNRESET)
			errno = ENOTCONN;
		if (n == 0 || (n < 0 && !wait_for(sock, POLLIN)))
			return -1;
	}
	return 0;
}

static uint8_t *receive_body(int sock, size_t size, int *fds, size_t *nfds)
{
	uint8_t *bytes = malloc(1);
	size_t done = 0;

	while (bytes != NULL && done < size) {
		size_t step = size - done < STEP + done ? size - done : STEP + done;
		uint8_t *grown = realloc(bytes, done + step);

		if (grown == NULL || receive_all(sock, grown + done, step, fds, nfds) != 0) {
			free(grown != NULL ? grown : bytes);
			return NULL;
		}
		bytes = grown;
		done += step;
	}
	return bytes;
}

/* The rest of a message whose header is here. */
static nvlist_t *receive_rest(int sock, const struct header *header, int *fds, size_t *nfds)
{
	nvlist_t *list = NULL;
	uint8_t *bytes;

	if (header->magic != MAGIC || header->size > WIRE_SIZE_MAX) {
		errno = EBADMSG;
		return NULL;
	}
	bytes = receive_body(sock, header->size, fds, nfds);
	if (bytes == NULL)
		return NULL;
	if (header->fds == *nfds)
		list = wire_unpack(bytes, header->size, header->flags, fds, *nfds);
	else
		errno = EBADMSG;
	free(bytes);
	return list;
}

nvlist_t *wire_receive(int sock, uint32_t *id)
{
	struct header header;
	int fds[WIRE_FDS_MAX];
	size_t nfds = 0;
	nvlist_t *list = NULL;

	if (receive_all(sock, (uint8_t *)&header, sizeof(header), fds, &nfds) == 0) {
		list = receive_rest(sock, &header, fds, &nfds);
		*id = header.id;
	}
	close_all(fds, nfds);
	return list;
}
