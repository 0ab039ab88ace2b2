import { expect, test } from 'vitest'
import { openWorkspace } from '../support/open-workspace.ts'
import { useTools } from '../support/use-tools.ts'

const PROTECTED = [
  '.github/workflows/ci.yml',
  '.GitHub/Workflows/CI.yml',
  './src/../.github/workflows/ci.yml',
  '.claude/settings.json',
  'packages/a/.claude/commands/x.md',
  '.mcp.json',
  'sub/.mcp.json',
  '.husky/pre-commit',
  'CODEOWNERS',
  '.github/CODEOWNERS',
  'docs/codeowners',
  'inside/ci.yml',
]
const OUTSIDE = [
  '../outside.txt',
  '/etc/passwd',
  'src/../../outside.txt',
  'out/passwd',
  'out/new.txt',
  'loop/a.txt',
  '.git/config',
  '.GIT/hooks/pre-commit',
  'src/.git/config',
  'git/config',
  'nul\0byte',
]

test('files that steer CI, reviews or agents are left to people, whatever they are called', async () => {
  const place = await openWorkspace({ '.github/workflows/ci.yml': 'on: push\n', '.mcp.json': '{}\n' })
  await place.sh('ln -s .github/workflows inside')
  const { ok, problem } = useTools(place)
  await ok('read', { file_path: '.mcp.json' })

  for (const file_path of PROTECTED) {
    expect(await problem('write', { file_path, content: 'x' })).toContain('is changed by people only')
  }
  for (const file_path of ['.mcp.json', 'inside/ci.yml']) {
    const edits = [{ old_string: 'o', new_string: 'x' }]
    expect(await problem('edit', { file_path, edits })).toContain('into the notes of finish')
  }
  for (const file_path of [
    'src/workflows/ci.yml',
    '.github/dependabot.yml',
    'claude/a.md',
    'codeowners.ts',
  ]) {
    await ok('write', { file_path, content: 'x' })
  }
  expect(await place.sh('git status --porcelain -- .github/workflows .mcp.json')).toBe('')
})

test('no path leads out of the workspace or into git, for any tool', async () => {
  const place = await openWorkspace({ 'src/a.ts': 'a\n' })
  await place.sh('echo secret > ../outside.txt; ln -s /etc out; ln -s loop loop; ln -s .git git')
  const { problem } = useTools(place)

  for (const file_path of OUTSIDE) {
    const said = [
      await problem('read', { file_path }),
      await problem('write', { file_path, content: 'x' }),
      await problem('edit', { file_path, edits: [{ old_string: 'root', new_string: 'x' }] }),
    ]
    expect(said.join('\n'), file_path).not.toContain('root:')
  }
  for (const path of ['..', '/etc', 'src/../..', '.git']) {
    await problem('grep', { pattern: 'root', path })
    await problem('glob', { pattern: '*', path })
  }
  expect(await place.sh('cat ../outside.txt')).toBe('secret')
})
