"""Compares the results for the corpus's files with the table of right results.

    corpus.py EXPECTED FOUND KNOWN NAMES

FOUND has a line a file: name, status, rate, frames, left, right, centre, pitch,
filled (ms of silence put in, or -), words; tabs between them, - for what there
is not.  KNOWN has the faults that are known: name and reason.

Prints for each file a line: right, wrong, known or mended, and its name, with
what is wrong of it, or the reason, behind it.  A file that the file NAMES names
and the table does not is wrong, and one of the table that was not found as well.
"""
import re
import sys

TIME = 30       # ms
CENTRE = 20     # ms: less than a frame of any codec's delay
LEVEL = 0.5     # dB
QUIET = -90.0   # dB: nothing to be heard, nor to be measured
PITCH = 0.05    # of it
FILLED = 0.05   # of the length
COLUMNS = ('name status samples rate left right lag filled centre pitch '
           'words').split()
KNOWN = 'name why'.split()
GOT = 'name status rate frames left right centre pitch filled words'.split()


def lines(path, columns):
    with open(path, encoding='utf-8') as f:
        for line in f:
            if line.strip() and not line.startswith('#'):
                parts = line.rstrip('\n').split('\t')
                assert len(parts) == len(columns), '%s: %s' % (path, line)
                yield dict(zip(columns, parts))


def said(want, got):
    """What is wrong in the messages."""
    ere = want['words']
    if ere == '-':
        silent = want['status'] != '0' or got['words'] == '-'
        return [] if silent else ['says: ' + got['words']]
    wanted = not ere.startswith('!')
    if bool(re.search(ere.lstrip('!'), got['words'], re.I)) == wanted:
        return []
    return ['says: %s; wanted: %s' % (got['words'], ere)]


def level(want, got, side):
    a, b = (max(float(x[side]), QUIET) for x in (want, got))
    return [] if abs(a - b) <= LEVEL else [
        '%s %.2f dB, wanted %.2f' % (side, b, a)]


def heard(want, got):
    """What is wrong with the place and the pitch of the sound."""
    if want['centre'] == '-':
        return []
    a, b = float(want['centre']), float(got['centre'])
    bad = [] if abs(a - b) <= CENTRE else [
        'its centre at %.0f ms, wanted %.0f' % (b, a)]
    a, b = float(want['pitch']), float(got['pitch'])
    return bad + ([] if abs(a - b) <= PITCH * a else [
        'a pitch of %.0f Hz, wanted %.0f' % (b, a)])


def sound(want, got):
    silence = int(want['lag']) + int(want['filled'])
    length = 1000 * int(want['samples']) / int(want['rate']) + silence
    is_ = 1000 * int(got['frames']) / int(got['rate'])
    bad = [] if abs(length - is_) <= TIME else [
        '%.0f ms long, wanted %.0f' % (is_, length)]
    if got['filled'] != '-' and \
            float(got['filled']) > silence + FILLED * length:
        bad += ['%s ms filled, wanted %d' % (got['filled'], silence)]
    return bad + level(want, got, 'left') + level(want, got, 'right') + \
        heard(want, got)


def faults(want, got):
    bad = []
    if got['status'] != want['status']:
        bad = ['status %s, wanted %s' % (got['status'], want['status'])]
    made = got['rate'] != '-'
    if made and want['rate'] == '-':
        return bad + ['an MP3 where there is no sound']
    if not made and want['rate'] != '-':
        return bad + ['no MP3: ' + got['words']]
    return bad + said(want, got) + (sound(want, got) if made else [])


def verdict(name, wanted, found, known):
    if name not in wanted:
        return 'wrong', 'it is not in the table'
    if name not in found:
        return 'wrong', 'nothing came of it'
    ways = [faults(want, found[name]) for want in wanted[name]]
    bad = '; or '.join('; '.join(way) for way in ways) if all(ways) else ''
    if name in known:
        return ('known', known[name]) if bad else (
            'mended', 'take it off the list of what is known')
    return ('wrong', bad) if bad else ('right', '')


def main(expected, got, known, names):
    wanted = {}
    for line in lines(expected, COLUMNS):
        wanted.setdefault(line['name'], []).append(line)
    found = {line['name']: line for line in lines(got, GOT)}
    known = {line['name']: line['why'] for line in lines(known, KNOWN)}
    names = {line['name'] for line in lines(names, ['name'])}
    for name in sorted(set(wanted) | names):
        word, why = verdict(name, wanted, found, known)
        print('%s\t%s\t%s' % (word, name, why))
    for name in sorted(set(known) - set(wanted)):
        if ': ' not in name:    # else it is for another test
            print('wrong\t%s\tknown as wrong, but not in the table' % name)


main(*sys.argv[1:])
