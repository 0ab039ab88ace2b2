import { readlinkSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Spawner } from '../../processes/spawner.ts'
import { SYSTEM_ENVIRONMENT } from './probe-local-sandbox.ts'

/** The path of a unix socket has at most 107 bytes (unix(7)), and up to 60 of them come below the base directory. */
const LONGEST_BASE = 45

/** The system's temporary directory, or `/tmp` if that path is too long for sockets below it. */
function temporaryDirectory(): string {
  const directory = tmpdir()
  return Buffer.byteLength(directory) <= LONGEST_BASE ? directory : '/tmp'
}

/**
 * Creates the private directory of a box under `baseDir`. Its name contains the user, the process namespace and the
 * process, since a process id means nothing in another namespace. So `removeLeftDirectories` never takes the directory
 * of a living box for a leftover.
 *
 * @returns its absolute path without symbolic links.
 */
export async function makeBoxDirectory(baseDir: string = temporaryDirectory()): Promise<string> {
  await mkdir(baseDir, { recursive: true })
  const base = await realpath(baseDir)
  return mkdtemp(join(base, `${ownPrefix()}${process.pid}-`))
}

/**
 * Removes a directory with all its content, even if it was made unreadable on purpose, and never follows links. Other
 * programs do the work: they can handle paths of any depth, and a million files would keep this process busy.
 */
export async function removeBoxDirectory(directory: string, spawner: Spawner): Promise<void> {
  const remove = () => run(spawner, 'rm', ['-rf', '--', directory])
  if (await remove()) return
  await run(spawner, 'chmod', ['-R', 'u+rwX', '--', directory])
  // If this fails again, the next sweep tries it. Leftovers of a run's code are no reason to fail the run.
  if (!(await remove())) await rm(directory, { recursive: true, force: true }).catch(() => {})
}

/** @returns whether the program ended with 0. */
async function run(spawner: Spawner, program: string, args: readonly string[]): Promise<boolean> {
  const ended = await spawner.run({ program, args, env: SYSTEM_ENVIRONMENT }).catch(() => undefined)
  return ended?.code === 0
}

/** Removes the directories of killed processes under `baseDir`. */
export async function removeLeftDirectories(
  spawner: Spawner,
  baseDir: string = temporaryDirectory(),
): Promise<void> {
  const base = await realpath(baseDir)
  for (const name of await readdir(base)) {
    if (isLeftover(name)) await removeBoxDirectory(join(base, name), spawner)
  }
}

/** Whether this is the name of a box directory whose process, of this user and namespace, has ended. */
export function isLeftover(name: string): boolean {
  const prefix = ownPrefix()
  const pid = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : Number.NaN
  return pid > 0 && !isAlive(pid)
}

function ownPrefix(): string {
  return `backspace-box-${process.geteuid?.() ?? 0}-${processNamespace()}-`
}

function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')
  } catch {
    return '0'
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}
