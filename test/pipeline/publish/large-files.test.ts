import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { createApi } from '../api-repository.ts'
import { preparePipelines } from '../pipeline-world.ts'
import { outcomeOf, seen, startVerifying } from '../verify/verified-run.ts'

const startPipeline = preparePipelines()

const pointerOf = (text: string) => {
  const oid = createHash('sha256').update(text).digest('hex')
  return {
    oid,
    pointer: `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${Buffer.byteLength(text)}\n`,
  }
}
const ATTRIBUTES =
  '* text=auto eol=crlf\n*.sh eol=lf\nMakefile eol=lf\n*.bin filter=lfs diff=lfs merge=lfs -text\n*.l filter=lfs\n'

test('a file of Git LFS is published as a pointer, with its object; one that cannot be stored is left out, and the rest is not', async () => {
  const { github, run } = await startPipeline()
  const kept = pointerOf('kept').pointer
  await createApi(github, {
    '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
    'kept.bin': kept,
  })
  const made = pointerOf('content\n')
  await run({}, "printf 'content\\n' > new.bin; : > empty.bin; mv kept.bin moved.bin; echo hi > README.md")
  const [pull] = github.pullRequests('acme/api')
  const at = (path: string) => github.fileAt('acme/api', pull?.head ?? '', path)
  expect(await Promise.all(['new.bin', 'empty.bin', 'moved.bin', 'README.md'].map(at))).toEqual([
    made.pointer,
    '',
    kept,
    'hi\n',
  ])
  expect(pull?.draft).toBe(false)
  expect(await github.largeObject('acme/api', made.oid)).toBe('content\n')

  github.fail({ path: /\/info\/lfs\//, status: 403, times: 2 })
  const other = pointerOf('other\n')
  const { end } = await run({}, "printf 'other\\n' > other.bin; echo ho > README.md")
  expect(end).toMatchObject({ type: 'run.succeeded', draft: true })
  const second = github.pullRequests('acme/api').at(-1)
  expect(await github.fileAt('acme/api', second?.head ?? '', 'other.bin')).toBeUndefined()
  expect(await github.fileAt('acme/api', second?.head ?? '', 'README.md')).toBe('ho\n')
  expect(second?.body).toContain(
    '`other.bin` belongs in Git LFS, and could not be stored: this credential may not',
  )
  expect(await github.largeObject('acme/api', other.oid)).toBeUndefined()
})

test('files of Git LFS have their content, in the workspace and in clean sandboxes; untouched they stay the same pointers', async () => {
  const files = {
    '.gitattributes': ATTRIBUTES,
    'here.bin': pointerOf('a\r\nbad\n').pointer,
    'text.l': pointerOf('line\r\n').pointer,
    'either.bin': pointerOf('one\n').pointer,
    'lost.bin': pointerOf('lost').pointer,
    'tests/test.sh': `printf 'a\\r\\n%s\\n' "$(cat good)" | cmp - here.bin && printf 'line\\r\\n' | cmp - text.l &&
      printf 'bad\\r\\n' | cmp - lib.txt && grep -q oid lost.bin && ! grep -q oid either.bin\n`,
    good: 'good',
  }
  const world = await startVerifying(startPipeline, files, { verify: { mode: 'full', minutes: 5 } })
  const { github } = world
  for (const content of ['a\r\nbad\n', 'line\r\n', 'one\n']) await github.keepLargeObject('acme/api', content)
  const base = await github.filesAt('acme/api', 'main')
  const finished = await world.run(
    {},
    seen(`test -z "$(git status --porcelain)"
      printf 'a\\r\\ngood\\n' > here.bin; touch text.l lost.bin; git stash -q; grep -q bad here.bin; git stash pop -q
      printf 'x\\r\\n' > new.l; echo two > either.bin`),
  )
  const { verification, draft, head, notices } = await outcomeOf(world, finished)
  expect({ draft, checks: verification.checks }).toMatchObject({
    draft: false,
    checks: [{ verdict: 'fixed' }],
  })
  // Taken back, it has its earlier content.
  expect(verification.necessity).toMatchObject({ tried: 3, held: 1 })
  const {
    'here.bin': edited,
    'new.l': added,
    'either.bin': other,
    ...others
  } = await github.filesAt('acme/api', head)
  expect({ ...others, 'here.bin': base['here.bin'], 'either.bin': base['either.bin'] }).toEqual(base)
  for (const [file, text] of [
    ['here.bin', 'a\r\ngood\n'],
    ['new.l', 'x\r\n'],
    ['either.bin', 'two\n'],
  ] as const) {
    const { oid, pointer } = pointerOf(text)
    expect(await github.fileAt('acme/api', head, file)).toBe(pointer)
    expect(await github.largeObject('acme/api', oid)).toBe(text)
  }
  expect([edited, added, other]).not.toContain(undefined)
  expect(notices).toContain('1 file of Git LFS is a pointer (`lost.bin`: Git LFS does not have it).')
})

test('what is beyond the limit stays a pointer, and so does what is on another server, to which nothing is sent', async () => {
  const { github, run } = await startPipeline({ files: { fileBytes: 1000, lfsBytes: 12 } })
  const files = Object.fromEntries(
    ['four', 'more', 'beyond it', 'out'].map((text) => [`${text}.bin`, pointerOf(text).pointer]),
  )
  const attributes = { '.gitattributes': '*.bin filter=lfs -text\n' }
  await createApi(github, { ...attributes, ...files, '.lfsconfig': '[lfs]\n\tfetchexclude = out.*\n' })
  for (const text of ['four', 'more', 'beyond it', 'out']) await github.keepLargeObject('acme/api', text)
  const notices = async () =>
    (await run({}, 'grep -q four four.bin; grep -q oid "beyond it.bin" out.bin; touch *.bin')).events.flatMap(
      (event) => (event.type === 'notice' ? [event.message] : []),
    )
  expect(await notices()).toEqual([
    '2 files of Git LFS are pointers (`beyond it.bin`: with the smaller ones they are more than 1 KiB (`BACKSPACE_MAX_LFS_MEGABYTES`); `out.bin`: `.lfsconfig` leaves it out).',
  ])
  await github.pushFiles({
    ...{ repo: 'acme/api', branch: 'main', author: 'ada' },
    files: {
      '.lfsconfig': '[lfs] url = https://lfs.example.org/acme/api\n',
      'four.bin': pointerOf('four').pointer,
    },
  })
  const asked = github.requests.length
  expect((await notices())[0]).toMatch(
    /^4 files of Git LFS are pointers \(.*: `.lfsconfig` names another server/,
  )
  expect(github.requests.slice(asked).filter(({ path }) => path.includes('lfs/'))).toEqual([])
})
