/* linger.c - closes a connection whose peer may still be sending.
 *
 * Closing a socket with unread bytes resets the connection, and the peer may
 * lose the answer that was just sent.  So, for a while, what comes is read and
 * dropped until the peer has closed.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "gateway/server_private.h"

#define MOST_MS 10000
#define IDLE_MS 3000
#define REFUSED_MAX 256
#define PIECES 8		/* to read from one before the next */

void
v2m_linger_refuse(struct v2m_server *s, int fd, const char *text)
{
	struct v2m_conn *c = NULL;

	/* A new socket always takes a few bytes. */
	if (text[0] != '\0' && send(fd, text, strlen(text),
	    MSG_NOSIGNAL | MSG_DONTWAIT) > 0 && shutdown(fd, SHUT_WR) == 0)
		c = calloc(1, sizeof *c);
	if (c != NULL) {
		pthread_mutex_lock(&s->lock);
		if (s->nrefused < REFUSED_MAX) {
			c->fd = fd;
			c->next = s->lingering;
			s->lingering = c;
			s->nrefused++;
			c = NULL;
			fd = -1;
		}
		pthread_mutex_unlock(&s->lock);
	}
	if (fd >= 0)
		close(fd);
	free(c);
}

/* Locked. */
static void
count_off(struct v2m_server *s, const struct v2m_conn *c)
{
	if (c->listener == NULL)
		s->nrefused--;
	else
		s->nlingering--;
}

/* true: the peer has closed, or is gone. */
static bool
read_away(struct v2m_conn *c, int64_t now_ms)
{
	char buf[16 << 10];
	ssize_t n;
	int i;

	for (i = 0; i < PIECES; i++) {
		n = recv(c->fd, buf, sizeof buf, MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			return true;
		if (n < 0)
			return false;
		c->linger_idle_ms = now_ms + IDLE_MS;
	}
	return false;
}

void
v2m_linger(struct v2m_server *s, int64_t now_ms)
{
	struct v2m_conn **at, *c, *done = NULL;

	pthread_mutex_lock(&s->lock);
	for (at = &s->lingering; (c = *at) != NULL; ) {
		if (c->linger_until_ms == 0) {
			c->linger_until_ms = now_ms + MOST_MS;
			c->linger_idle_ms = now_ms + IDLE_MS;
		}
		if (!read_away(c, now_ms) && now_ms < c->linger_until_ms &&
		    now_ms < c->linger_idle_ms) {
			at = &c->next;
			continue;
		}
		*at = c->next;
		count_off(s, c);
		c->next = done;
		done = c;
	}
	pthread_mutex_unlock(&s->lock);
	for (; (c = done) != NULL; free(c)) {
		done = c->next;
		close(c->fd);
	}
}

void
v2m_linger_end(struct v2m_server *s)
{
	struct v2m_conn *c;

	pthread_mutex_lock(&s->lock);
	while ((c = s->lingering) != NULL) {
		s->lingering = c->next;
		count_off(s, c);
		close(c->fd);
		free(c);
	}
	pthread_mutex_unlock(&s->lock);
}
