import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { LAUNCH_TOOLS } from '../../../src/pipeline/merge/launch-tools.ts'
import { lockCommand } from '../../../src/pipeline/merge/lock-commands.ts'

const execute = promisify(execFile)

/** A folder with nothing but these files; what \`npx\` is asked for goes to standard output, and a tool says its version. */
async function launch(
  lock: string,
  files: Readonly<Record<string, string>>,
  tools: Readonly<Record<string, string>> = {},
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'launch-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const programs = Object.entries(tools).map(
    ([name, version]) =>
      [name, `#!/bin/sh\ncase $1 in --version) echo ${version} ;; *) echo ${name} "$@" ;; esac\n`] as const,
  )
  const npx = '#!/bin/sh\ncase "$*" in *--version) echo 4.0.0 ;; *) echo npx "$@" ;; esac\n'
  for (const [name, text] of [...Object.entries(files), ...programs, ['npx', npx] as const]) {
    await writeFile(join(folder, name), text)
    await chmod(join(folder, name), 0o755)
  }
  const script = `${LAUNCH_TOOLS}${lockCommand(lock)}`
  const { stdout } = await execute('bash', ['-c', script], {
    cwd: folder,
    env: { PATH: `${folder}:/usr/bin:/bin` },
  })
  return stdout.trim()
}

const named = (manager: string) => ({ 'package.json': `{\n  "packageManager": "${manager}+sha512.abc"\n}\n` })

test.each([
  ['pnpm-lock.yaml', {}, {}, 'npx --yes pnpm install --lockfile-only --ignore-scripts'],
  [
    'pnpm-lock.yaml',
    named('pnpm@8.15.1'),
    {},
    'npx --yes pnpm@8.15.1 install --lockfile-only --ignore-scripts',
  ],
  [
    'pnpm-lock.yaml',
    named('pnpm@8.15.1'),
    { pnpm: '10.1.0' },
    'npx --yes pnpm@8.15.1 install --lockfile-only --ignore-scripts',
  ],
  [
    'pnpm-lock.yaml',
    named('pnpm@10.2.0'),
    { pnpm: '10.1.0' },
    'pnpm install --lockfile-only --ignore-scripts',
  ],
  [
    'yarn.lock',
    named('yarn@4.1.0'),
    {},
    'npx --yes -p @yarnpkg/cli-dist@4.1.0 yarn install --mode=update-lockfile',
  ],
  [
    'yarn.lock',
    { '.yarnrc.yml': '' },
    {},
    'npx --yes -p @yarnpkg/cli-dist@latest yarn install --mode=update-lockfile',
  ],
  ['yarn.lock', {}, { yarn: '1.22.22' }, 'yarn install --ignore-scripts --non-interactive'],
  ['bun.lock', named('bun@1.2.0'), {}, 'npx --yes bun@1.2.0 install --lockfile-only'],
  ['poetry.lock', {}, { poetry: '2.1.0' }, 'poetry lock --no-update'],
])('%s is written by the tool that the repository names: %j, there: %j', async (lock, files, tools, said) => {
  expect(await launch(lock, files, tools)).toBe(said)
})
