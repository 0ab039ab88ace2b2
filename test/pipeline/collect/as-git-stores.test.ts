import '../../support/property-seed.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { touchedPaths } from '../../../src/pipeline/collect/change-list.ts'
import { collectChanges } from '../../../src/pipeline/collect/collect-changes.ts'
import { cleanWorkspace } from '../../../src/pipeline/workspace/clean-workspace.ts'
import { prepareWorkspaceWith } from '../prepared-workspace.ts'

const signal = new AbortController().signal

const FILES = ['a.txt', 'b.txt', 'c.bin', 'sub/d.txt', 'e f.md', '-e\u0301[x].txt', '!"q".md'] as const
const pattern = fc.constantFrom(
  '*',
  '*.txt',
  'a*',
  'sub/*',
  '*.bin',
  'd.txt',
  '"e f.md"',
  '\\!*',
  '*\\[x].txt',
  '[a-b].*',
)
const attribute = fc.constantFrom(
  ...['text', '-text', 'text=auto', 'eol=lf', 'eol=crlf', 'text eol=crlf', 'text=auto eol=crlf', 'binary'],
  ...['!text', '!eol', 'windows', 'ident', '-ident', 'filter=other', 'export-ignore', 'diff=x merge=y'],
  ...['filter=git-crypt -text', 'export-subst', 'crlf', '-crlf', 'crlf=input', 'eol=', '!filter'],
  ...['UTF-16', 'UTF-16LE', 'UTF-16LE-BOM', 'ISO-8859-1', 'SHIFT-JIS', 'none-such'].map(
    (name) => `working-tree-encoding=${name}`,
  ),
)
const attributes = fc
  .array(
    fc.tuple(pattern, attribute).map((line) => line.join(' ')),
    { maxLength: 3 },
  )
  .map((lines) => lines.map((line) => `${line}\n`).join(''))

const line = fc.constantFrom('one', 'two', '', 'é', '$Id$', '$Id: 1 $', '日本', '\t x', '\u0000')
const ending = fc.constantFrom('\n', '\n', '\r\n', '\r\n', '\r')
const content = fc
  .record({
    lines: fc.array(fc.tuple(line, ending), { maxLength: 5 }),
    last: fc.constantFrom('', 'end'),
    encoding: fc.constantFrom('utf8', 'utf8', 'utf8', 'latin1', 'utf16le', 'utf16le with BOM'),
  })
  .map(({ lines, last, encoding }) => {
    const text = `${lines.flat().join('')}${last}`
    if (encoding === 'utf16le with BOM') return Buffer.from(`\ufeff${text}`, 'utf16le')
    return Buffer.from(text, encoding as BufferEncoding)
  })
const file = fc.constantFrom(...FILES)
const edit = fc.oneof(
  fc.tuple(file, content).map(([path, bytes]) => write(path, bytes)),
  fc.tuple(file, content).map(([path, bytes]) => `[ -f '${path}' ] && ${put(bytes)} >> '${path}'`),
  file.map((path) => `rm -rf '${path}'`),
  file.map((path) => `[ -f '${path}' ] && chmod +x '${path}'`),
  fc.tuple(file, file).map(([from, to]) => `mkdir -p sub && mv '${from}' '${to}'`),
  file.map((path) => `rm -rf '${path}' && ln -s target '${path}'`),
  file.map((path) => `rm -rf '${path}' && mkdir -p '${path}' && echo in > '${path}/in.txt'`),
  fc.constantFrom('*.txt', 'sub/', '!a.txt', '/c.bin').map((line) => `echo '${line}' >> .gitignore`),
  fc.constant('ln -sf sub/.gitattributes .gitattributes'),
  attributes.map((text) => `rm -f .gitattributes; ${put(Buffer.from(text))} > .gitattributes`),
  attributes.map((text) => `mkdir -p sub && ${put(Buffer.from(text))} > sub/.gitattributes`),
)
const repository = fc.record({
  attributes,
  nested: fc.option(attributes, { nil: '' }),
  files: fc.array(fc.tuple(file, content), { minLength: 2, maxLength: 5 }),
  edits: fc.array(edit, { minLength: 1, maxLength: 4 }),
})

/** What an agent may do with git of its own; none of it has an effect on what is published. */
const agentsGit = fc
  .constantFrom(
    'git config core.autocrlf true; git config core.eol crlf; git config core.symlinks false',
    'git config core.fileMode false; git config core.ignoreCase true; git config core.precomposeUnicode true',
    "mkdir -p .git/info; echo '* -text' > .git/info/attributes; echo '*' > .git/info/exclude",
    'git checkout -qb own; git add -A 2>/dev/null; git commit -qm own; git commit -q --amend -m again',
    'git rm -rq --cached . ; git checkout -q --orphan alone',
    'git ls-files -z | xargs -0 git update-index --assume-unchanged',
    'git ls-files -z | xargs -0 git update-index --skip-worktree',
    'git add -AN; git stash list; git tag own; git update-ref -d HEAD',
    'rm -rf .git; git init -q',
  )
  .map((script) => `( set +e; ${script}; true ) 2>/dev/null`)

function put(bytes: Uint8Array): string {
  return `printf '${[...bytes].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')}'`
}

function write(path: string, bytes: Uint8Array): string {
  const folder = path.includes('/') ? 'mkdir -p sub && ' : ''
  return `[ ! -d '${path}' ] && ${folder}${put(bytes)} > '${path}'`
}

/** Stores what git can store, file by file where it refuses the whole. */
const ADD = `add() {
  for folder in case*; do
    if git add -A -- "$folder" 2>/dev/null; then continue; fi
    git ls-files -z -- "$folder" | while IFS= read -r -d '' name; do
      if [ -d "$name" ] || { [ ! -e "$name" ] && [ ! -L "$name" ]; }; then git update-index --force-remove -- "$name"; fi
    done
    git ls-files -z -m -o --exclude-standard -- "$folder" | xargs -0 -r -n 1 git add -A -- 2>/dev/null || true
  done
}
`

/** Each case is a folder of one repository, with attributes of its own. */
const CASES = 40

test('whatever the attributes, encodings, line ends, modes, links and renames, the tree is that of git add', async () => {
  const cases = fc.sample(repository, CASES)
  const script = (make: (drawn: (typeof cases)[number]) => readonly string[]) =>
    cases
      .map(
        (drawn, index) =>
          `mkdir -p case${index}; ( cd case${index}; set +e\n${make(drawn).join('\n')}\ntrue )`,
      )
      .join('\n')
  await using prepared = await prepareWorkspaceWith(`${ADD}
    echo '[attr]windows text eol=crlf' > .gitattributes; git add .gitattributes
    ${script(({ attributes, nested, files }) => [
      `${put(Buffer.from(attributes))} > .gitattributes`,
      ...(nested === '' ? [] : [`mkdir sub; ${put(Buffer.from(nested))} > sub/.gitattributes`]),
      ...files.map(([path, bytes]) => write(path, bytes)),
    ])}
    add; git clean -qfdx`)
  const { baseFiles, run } = prepared
  const edits = script((drawn) => drawn.edits)
  // So that git in the plain clone takes no file for one that may have changed within the second of its index.
  await run(
    `git clone -q ~/source ~/plain; diff -r --exclude=.git ~/plain .; sleep 1.1; cd ~/plain; : > z; git add z; git rm -qf z`,
  )
  const { workspace } = await cleanWorkspace(prepared.workspace, { signal })
  const untouched = await collectChanges(workspace, { baseFiles, signal })
  expect(untouched.files).toEqual([])
  await run(`${edits}\n${fc.sample(agentsGit, 3).join('\n')}`)
  const tree = (await run(`cd ~/plain\n${edits}\n${ADD}add; git write-tree`)).trim()
  const changes = await collectChanges(workspace, { baseFiles, signal })
  const differing = await run(
    `cd ~/plain; export GIT_ALTERNATE_OBJECT_DIRECTORIES=${workspace.gitDir}/objects
    git -c core.quotePath=false diff-tree -r --name-only ${tree} ${changes.tree}`,
  )
  // A file that no edit names: git itself reads such a file again now and then, with attributes that another edit changed.
  const listed = new Set(changes.files.flatMap(touchedPaths))
  const wrong = differing
    .split('\n')
    .filter((path) => path !== '' && (listed.has(path) || isNamed(path, cases)))
  expect(wrong.map((path) => ({ path, drawn: caseOf(path, cases)?.edits }))).toEqual([])
})

type Drawn = ReturnType<typeof fc.sample<{ readonly edits: readonly string[] }>>

function caseOf(path: string, cases: Drawn) {
  return cases[Number(/^case(\d+)/.exec(path)?.[1])]
}

function isNamed(path: string, cases: Drawn): boolean {
  const name = path.slice(path.indexOf('/') + 1)
  return caseOf(path, cases)?.edits.some((edit) => edit.includes(`'${name}`)) ?? false
}
