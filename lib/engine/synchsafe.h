/* synchsafe.h - sizes in an ID3v2.4 tag as ID3v2.4 wants them.
 *
 * libavformat writes the sizes of CHAP and CTOC as plain numbers, as in
 * ID3v2.3; in 2.4 they have seven bits to a byte, and whoever reads such a tag
 * loses all that follows a frame of 128 bytes or more.
 */
#ifndef ENGINE_SYNCHSAFE_H
#define ENGINE_SYNCHSAFE_H

/* Put them right in the tag that begins the file fd.  Where something in it is
 * not as expected, it is left alone from there on.  -1: errno says why it
 * cannot be read or written. */
int synchsafe_repair(int fd);

#endif
