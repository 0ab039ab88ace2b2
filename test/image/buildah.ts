import { type ChildProcess, execFileSync, type SpawnOptions, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Debian's buildah with a storage of its own: it builds and starts images as root, without a daemon. */
export interface Buildah {
  /** Runs one command and returns what it printed. @throws {Error} with its stderr. */
  (...args: readonly string[]): string
  /** Lets a person see what the command prints. @throws {Error} when it fails. */
  show(...args: readonly string[]): void
  start(args: readonly string[], options: SpawnOptions): ChildProcess
}

/** @param directory holds its images and layers from one check to the next. */
export function openBuildah(directory: string): Buildah {
  mkdirSync(directory, { recursive: true })
  const policy = join(directory, 'policy.json')
  writeFileSync(policy, JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }))
  const storage = ['--root', join(directory, 'storage'), '--runroot', join(directory, 'run')]
  const withPolicy = (args: readonly string[]) =>
    ['bud', 'from', 'pull', 'commit'].includes(args[0] ?? '')
      ? [...args.slice(0, 1), '--signature-policy', policy, ...args.slice(1)]
      : args
  const whole = (args: readonly string[]) => [...storage, ...withPolicy(args)]
  function quiet(...args: readonly string[]): string {
    const maxBuffer = 256 * 1024 * 1024
    return execFileSync('buildah', whole(args), { encoding: 'utf8', maxBuffer, stdio: 'pipe' }).trim()
  }
  return Object.assign(quiet, {
    show: (...args: readonly string[]) =>
      void execFileSync('buildah', whole(args), { stdio: ['ignore', 'inherit', 'inherit'] }),
    start: (args: readonly string[], options: SpawnOptions) => spawn('buildah', whole(args), options),
  })
}

/**
 * @param packages of Debian, by the program that is needed of each.
 * @throws {Error} that says what to install.
 */
export function requirePrograms(packages: Readonly<Record<string, string>>): void {
  const missing = Object.entries(packages).filter(([program]) => {
    return spawnSync(program, ['--version'], { stdio: 'ignore' }).error !== undefined
  })
  const names = missing.map(([, name]) => name).join(' ')
  if (names !== '') throw new Error(`Something is missing. As root: apt-get install -y ${names}`)
}
