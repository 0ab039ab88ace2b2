import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Kit } from './kit.ts'

/** Variables of the kits, with what each names. */
export interface PreparedKits {
  readonly ORACLES_GO?: string
  readonly ORACLES_NODE?: string
  readonly ORACLES_RUST?: string
  readonly ORACLES_NPM?: string
  readonly ORACLES_MAVEN?: string
}

/** What the projects of the oracles need beside the tools of this machine. */
const PACKAGES = ['vitest@5.1.2', 'jest@30.5.2', 'mocha@12.0.3']

/**
 * Downloads and compiles what the projects of the oracles need, once: sandboxes have no network, and would compile Go's own
 * packages for each case. What is there already stays. A tool that this machine does not have leaves its variable out.
 *
 * @param folder outside of homes and of `/tmp`, which boxes do not see. Its `bin` must be on PATH: then boxes see `share`.
 */
export async function prepareKits(folder: string, kits: readonly Kit[]): Promise<PreparedKits> {
  await mkdir(join(folder, 'bin'), { recursive: true })
  const share = join(folder, 'share')
  const filesOf = (name: string) => kits.find((kit) => kit.name === name)?.files ?? {}
  const npm = await prepared(join(share, 'npm'), async (to) => {
    await writeFiles(to, { 'package.json': '{ "private": true }\n' })
    await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...PACKAGES], { cwd: to })
  })
  const node = await prepared(join(share, 'node'), (to) =>
    run('cp', [process.execPath, join(to, 'node')], { cwd: to }),
  )
  const go = await prepared(join(share, 'go-build'), (to) =>
    inProject(filesOf('Go'), (cwd) => run('go', ['test', './...'], { cwd, env: { GOCACHE: to } })),
  )
  const maven = await prepared(join(share, 'maven'), (to) =>
    inProject({ ...filesOf('Java (Maven)'), '.mvn/maven.config': '' }, (cwd) =>
      run('mvn', ['--batch-mode', `-Dmaven.repo.local=${to}`, 'test'], { cwd }),
    ),
  )
  // Where its user has it, E2B's stand-in does not see it.
  const rust = await prepared(join(share, 'rust'), async (to) => {
    const { stdout } = await promisify(execFile)('rustc', ['--print', 'sysroot'])
    for (const part of ['bin', 'lib']) await run('cp', ['-r', join(stdout.trim(), part), to], { cwd: to })
  })
  return {
    ...(rust === undefined ? {} : { ORACLES_RUST: rust }),
    ...(node === undefined ? {} : { ORACLES_NODE: join(node, 'node') }),
    ...(npm === undefined ? {} : { ORACLES_NPM: npm }),
    ...(go === undefined ? {} : { ORACLES_GO: go }),
    ...(maven === undefined ? {} : { ORACLES_MAVEN: maven }),
  }
}

/** @returns the folder; undefined if it could not be made. */
async function prepared(folder: string, make: (to: string) => Promise<void>): Promise<string | undefined> {
  const done = join(folder, '.prepared')
  if (existsSync(done)) return folder
  try {
    await mkdir(folder, { recursive: true })
    await make(folder)
    await writeFile(done, '')
    return folder
  } catch (error) {
    process.stdout.write(
      `Left out: ${folder} (${error instanceof Error ? error.message.split('\n')[0] : ''})\n`,
    )
    return undefined
  }
}

async function inProject(
  files: Readonly<Record<string, string>>,
  work: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'oracle-kit-'))
  try {
    await writeFiles(folder, files)
    await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
}

async function run(
  program: string,
  args: readonly string[],
  { cwd, env = {} }: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<void> {
  await promisify(execFile)(program, [...args], { cwd, env: { ...process.env, ...env }, maxBuffer: 1e8 })
}
