#!/usr/bin/env python3
"""command-lines.py - the command lines that README, manual and --help show

usage: command-lines.py ROOT BIN FOLDER

Writes each into a file of its own, FOLDER/NNN: first a comment that says where
it stands, then the lines, which go together.  Of the README those behind a
prompt, with what follows "> ", and those in its questions; of the manual the
literal blocks of EXAMPLES; of --help its examples.  What was there before is
left out, and so is what is not a command line: settings, a template.
"""
import glob, os, re, subprocess, sys

def blocks_of_readme(path):
    for block in re.findall(r'^```\n(.*?)^```', open(path).read(),
                            re.S | re.M):
        lines = []
        for line in block.splitlines():
            if re.match(r'[$#>] ', line):
                lines.append(line[2:])
        yield 'README.md', lines

def answers_of_readme(path):
    text = open(path).read()
    text = text[text.index('\n## Questions\n'):]
    for line in re.findall(r'`((?:curl |v2m-[a-z-]+ )[^`]*)`',
                           text[:text.index('\n## How')]):
        yield 'README.md, Questions', [line.replace('\n', ' ')]

def blocks_of_page(path):
    example = block = None
    for line in open(path):
        line = line.rstrip('\n')
        if line.startswith('.Sh'):
            example = line == '.Sh EXAMPLES'
        elif line.startswith('.Bd -literal'):
            block = []
        elif line == '.Ed':
            if example:
                yield os.path.basename(path), block
            block = None
        elif block is not None:
            line = line.replace('\\(aq', "'").replace('\\e', '\\')
            # A line of a crontab.
            block.append(re.sub(r'^(\S+ +){4}\S+ +(?=v2m-|V2M_|/usr)', '',
                                line) if re.match(r'[\d*/]+ ', line)
                         else line)

def examples_of(command):
    dump = subprocess.run([command, '--dump-options'], text=True,
                          stdout=subprocess.PIPE, check=True).stdout
    for line in dump.splitlines():
        if line.startswith('example\t'):
            yield os.path.basename(command) + ' --help', \
                [line.split('\t')[1]]

def is_command(lines):
    return any(re.search(r'\bv2m\b|v2m-', l) for l in lines) and \
        not re.match(r'[a-z_]+ = |\[', lines[0])

def main():
    root, bin, folder = sys.argv[1:]
    found = list(blocks_of_readme(root + '/README.md'))
    found += answers_of_readme(root + '/README.md')
    for page in sorted(glob.glob(root + '/man/*.[1-8]')):
        found += blocks_of_page(page)
    for command in sorted(glob.glob(bin + '/v2m-*')):
        found += examples_of(command)
    seen = set()
    for where, lines in found:
        text = '\n'.join(lines)
        if not lines or not is_command(lines) or text in seen:
            continue
        seen.add(text)
        with open('%s/%03d' % (folder, len(seen)), 'w') as f:
            f.write('# %s: %s\n%s\n' % (where, lines[0], text))

main()
