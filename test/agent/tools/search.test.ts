import { expect, test } from 'vitest'
import { type OpenedWorkspace, openWorkspace } from '../support/open-workspace.ts'
import { useTools } from '../support/use-tools.ts'

const FILES = {
  'src/parse.ts': 'export function parseDate(text: string) {\n  return Date.parse(text) // a (b) [c]\n}\n',
  'src/deep/use.js': 'parseDate("2020")\n',
  'docs/read me.md': 'parseDate parses dates\n',
  '.gitignore': 'dist/\n',
  'dist/out.js': 'parseDate\n',
}

/** Hides ripgrep from the commands, so that git has to do it. */
async function withoutRipgrep(place: OpenedWorkspace): Promise<OpenedWorkspace> {
  const bin = `${place.sandbox.home}/bin`
  await place.sh(
    `mkdir -p ${bin} && for c in git cut head bash sh cat sort tr stat xargs realpath; do ln -s "$(command -v $c)" ${bin}/$c; done`,
  )
  const { sandbox } = place
  return {
    ...place,
    sandbox: {
      ...sandbox,
      exec: (command, options) => sandbox.exec(command, { ...options, env: { ...options?.env, PATH: bin } }),
    },
  }
}

for (const searcher of ['ripgrep or git', 'git alone']) {
  const open = async (files: Readonly<Record<string, string>> = FILES) => {
    const place = await openWorkspace(files)
    return useTools(searcher === 'git alone' ? await withoutRipgrep(place) : place)
  }

  test(`${searcher}: grep finds lines, not in ignored files`, async () => {
    const { ok } = await open()

    expect((await ok('grep', { pattern: 'parseDate' })).split('\n').sort()).toEqual([
      'docs/read me.md:1:parseDate parses dates',
      'src/deep/use.js:1:parseDate("2020")',
      'src/parse.ts:1:export function parseDate(text: string) {',
    ])
  })

  test(`${searcher}: grep narrows by path, glob, mode and case`, async () => {
    const { ok } = await open()

    expect(await ok('grep', { pattern: 'parseDate', path: 'docs' })).toContain('docs/read me.md:1')
    expect(await ok('grep', { pattern: 'parseDate', glob: '*.{ts,md}', mode: 'files' })).toBe(
      'docs/read me.md\nsrc/parse.ts',
    )
    expect(
      await ok('grep', { pattern: 'PARSEDATE', ignore_case: true, path: 'src', mode: 'count' }),
    ).toContain('src/parse.ts:1')
    expect(await ok('grep', { pattern: 'parseDate', glob: 'src/*.ts', mode: 'files' })).toBe('src/parse.ts')
    expect(await ok('grep', { pattern: 'nowhere' })).toBe('No match.')
  })

  test(`${searcher}: grep takes Perl's expressions and shows context`, async () => {
    const { ok } = await open()

    expect(await ok('grep', { pattern: '\\bparse\\w+\\(text', path: 'src/parse.ts' })).toContain(
      'src/parse.ts:1:',
    )
    expect(await ok('grep', { pattern: '\\(b\\) \\[c\\]', context: 1 })).toContain('src/parse.ts-3-}')
    expect(await ok('grep', { pattern: "it's|-x|\\d{4}" })).toContain('2020')
    expect(await ok('grep', { pattern: 'Date(?=\\.parse)' })).toContain('src/parse.ts:2:')
  })

  test(`${searcher}: grep stops at its limit and says so`, async () => {
    const { ok } = await open({ 'many.txt': 'hit\n'.repeat(5000) })

    const text = await ok('grep', { pattern: 'hit', limit: 10 })

    expect(text.split('\n')).toHaveLength(11)
    expect(text).toContain('there is more')
  })

  test(`${searcher}: a broken pattern is explained`, async () => {
    const { problem } = await open()

    expect(await problem('grep', { pattern: '(' })).toContain('The search failed')
  })
}

test('grep shortens long lines', async () => {
  const { ok } = useTools(await openWorkspace({ 'min.js': `hit${'x'.repeat(100_000)}` }))

  expect((await ok('grep', { pattern: 'hit' })).length).toBeLessThan(400)
})

test('glob finds by name at any depth, by path, and with braces', async () => {
  const { ok } = useTools(await openWorkspace(FILES))
  const list = async (args: unknown) => (await ok('glob', args)).split('\n').sort()

  expect(await list({ pattern: '*.ts' })).toEqual(['src/parse.ts'])
  expect(await list({ pattern: 'src/**/*.{ts,js}' })).toEqual(['src/deep/use.js', 'src/parse.ts'])
  expect(await list({ pattern: '**/*', path: 'src' })).toEqual(['src/deep/use.js', 'src/parse.ts'])
  expect(await list({ pattern: 'read*' })).toEqual(['docs/read me.md'])
  expect(await list({ pattern: '*.py' })).toEqual(['No file matches.'])
})

test('a name that begins with a dash hides no other file', async () => {
  const { ok } = useTools(await openWorkspace({ '-n.txt': '', 'a b.txt': '', 'c\nd.txt': '' }))

  expect((await ok('glob', { pattern: '*.txt' })).split('\n').sort()).toEqual([
    '-n.txt',
    'a b.txt',
    'c?d.txt',
  ])
})

test('patterns may be absolute, as paths may', async () => {
  const place = await openWorkspace(FILES)
  const { ok } = useTools(place)

  expect(await ok('glob', { pattern: `${place.workspace}/src/*.ts` })).toBe('src/parse.ts')
  const glob = `${place.workspace}/src/**/*.js`
  expect(await ok('grep', { pattern: 'parseDate', mode: 'files', glob })).toBe('src/deep/use.js')
})

test('grep follows a link within the workspace and says what is not there', async () => {
  const place = await openWorkspace(FILES)
  await place.sh('ln -s src/deep near && ln -s .git repo')
  const { ok, problem } = useTools(place)

  expect(await ok('grep', { pattern: 'parseDate', path: 'near', mode: 'files' })).toBe('src/deep/use.js')
  expect(await problem('grep', { pattern: 'core', path: 'repo/config' })).toContain('belongs to git')
  expect(await problem('grep', { pattern: 'x', path: 'none' })).toContain('There is no none to search in')
})

test('glob shows the last changed file first and files that are new', async () => {
  const place = await openWorkspace({ 'a.ts': '', 'b.ts': '' })
  await place.sh(
    'touch -d 2020-01-01 b.ts && touch -d 2021-01-01 a.ts && touch -d 2022-01-01 c.ts && rm b.ts',
  )
  const { ok } = useTools(place)

  expect(await ok('glob', { pattern: '*.ts' })).toBe('c.ts\na.ts')
})
