import { execFile } from 'node:child_process'
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CLAUDE_CODE_VERSION } from '../../../src/agent/claude-code/claude-command.ts'
import { claudeCodeBinary } from '../../support/claude-code.ts'

/** What is compared with, and was when the figures in docs/performance.md were taken. */
export const CLIENTS = {
  claudeCode: {
    name: 'Claude Code',
    package: '@anthropic-ai/claude-code',
    version: CLAUDE_CODE_VERSION,
    bin: 'claude',
  },
  codex: { name: 'Codex', package: '@openai/codex', version: '0.169.0', bin: 'codex' },
} as const

export type ClientPackage = (typeof CLIENTS)[keyof typeof CLIENTS]

/**
 * Installs a client, not as a dependency: each takes hundreds of MB and has a licence of its own. It is kept in the
 * system's temporary directory for the next time.
 *
 * @returns path of its program.
 * @throws {Error} when npm cannot install it.
 */
export async function installClient(client: ClientPackage): Promise<string> {
  if (client === CLIENTS.claudeCode) return claudeCodeBinary()
  const { package: name, version, bin } = client
  const directory = join(tmpdir(), 'backspace-bench-clients', `${bin}-${version}`)
  const program = join(directory, 'node_modules/.bin', bin)
  if (await exists(program)) return program
  const aside = `${directory}.${process.pid}`
  await mkdir(aside, { recursive: true })
  await writeFile(
    join(aside, 'package.json'),
    JSON.stringify({ private: true, allowScripts: { [name]: true } }),
  )
  const quiet = ['--no-audit', '--no-fund', '--no-save', '--no-package-lock', '--loglevel=error']
  try {
    const timeout = 300_000
    await promisify(execFile)('npm', ['install', ...quiet, `${name}@${version}`], { cwd: aside, timeout })
    await access(join(aside, 'node_modules/.bin', bin))
    await rename(aside, directory)
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
  return program
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
