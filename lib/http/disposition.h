/* disposition.h - Content-Disposition, with the name under which a browser
 * saves a file (RFC 6266, RFC 8187).  Pure and thread-safe. */
#ifndef V2M_HTTP_DISPOSITION_H
#define V2M_HTTP_DISPOSITION_H

/* The longest: a name of 255 bytes, each as %XX, and once more in ASCII. */
#define V2M_DISPOSITION_MAX 1200

/* attachment; filename="talk.mp3"; and filename*=UTF-8''... if the name is not
 * plain ASCII.  name is one of v2m_text_file_name(); other characters are
 * replaced all the same. */
char *v2m_disposition(char dst[V2M_DISPOSITION_MAX], const char *name);

#endif
