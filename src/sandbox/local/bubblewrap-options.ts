import { readdirSync } from 'node:fs'
import { GIB } from '../../text/amounts.ts'
import { AGENT_FILE } from './agent-program.ts'
import type { HiddenEntry } from './hidden-entries.ts'
import { SHOWN_HOME } from './home-mapping.ts'
import type { Mount } from './mount.ts'
import type { StagedRuntime } from './stage-runtime.ts'
import { etcMounts, systemDirectories } from './system-directories.ts'

/** The file system of a box. */
export interface BoxLayout {
  readonly runtime: StagedRuntime
  /** Directories of the host that the box sees at fixed paths. */
  readonly home: string
  readonly egressSocket: string
  /** Directory for sockets that are made later. */
  readonly sockets: string
  /** Toolchains and other directories of the host, read-only. */
  readonly mounts: readonly Mount[]
  /** Entries inside the mounts and the system's directories that the box must not see. */
  readonly hidden: readonly HiddenEntry[]
}

/** Paths inside a box of the files that belong to the box. */
export const INSIDE = {
  node: '/backspace/bin/node',
  bin: '/backspace/bin',
  agent: '/backspace/agent',
  egressSocket: '/backspace/egress.sock',
  sockets: '/backspace/sockets',
} as const

/** Path of the operator's Claude Code inside a box. */
export const CLAUDE_CODE_INSIDE = `${INSIDE.bin}/claude`

const TMP_BYTES = GIB
const SHARED_MEMORY_BYTES = GIB / 4
/** Most processes and threads of one box. */
export const MAX_PROCESSES = 1024
/** Limits of each process: its open files, the size of a file that it writes, and the size of its data. */
const LIMITS = { openFiles: 8192, fileBytes: 8 * GIB, dataBytes: 8 * GIB }

/** Options that give a box its own namespaces, the system read-only, and nothing else. */
export function bubblewrapOptions(layout: BoxLayout): readonly string[] {
  return [
    '--unshare-all',
    '--unshare-user',
    '--disable-userns',
    '--new-session',
    '--die-with-parent',
    '--cap-drop',
    'ALL',
    '--uid',
    '1000',
    '--gid',
    '1000',
    '--hostname',
    'sandbox',
    ...systemFlags(),
    ...layout.mounts.flatMap(({ source, target }) => ['--ro-bind', source, target]),
    ...etcFiles(layout.runtime.etc),
    ...layout.hidden.flatMap(hide),
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    '--size',
    String(SHARED_MEMORY_BYTES),
    '--tmpfs',
    '/dev/shm',
    '--perms',
    '1777',
    '--size',
    String(TMP_BYTES),
    '--tmpfs',
    '/tmp',
    '--dir',
    '/run',
    '--dir',
    '/var',
    '--symlink',
    '/tmp',
    '/var/tmp',
    '--ro-bind',
    layout.runtime.node,
    INSIDE.node,
    '--ro-bind',
    layout.runtime.agent,
    INSIDE.agent,
    '--ro-bind',
    layout.egressSocket,
    INSIDE.egressSocket,
    '--ro-bind',
    layout.sockets,
    INSIDE.sockets,
    '--bind',
    layout.home,
    SHOWN_HOME,
    // bubblewrap creates the root and /dev in memory, which a box could fill.
    '--remount-ro',
    '/dev',
    '--remount-ro',
    '/',
    '--chdir',
    SHOWN_HOME,
  ]
}

/** The program that a box starts: a shell lowers the limits, and makes the box the first victim if memory runs out. */
export function agentCommand(): readonly string[] {
  const script = [
    'ulimit -c 0; ulimit -u "$1"; ulimit -n "$2"; ulimit -f "$3"; ulimit -d "$4"',
    'echo 500 >/proc/self/oom_score_adj',
    'exec "$5" "$6"',
  ].join('\n')
  const { openFiles, fileBytes, dataBytes } = LIMITS
  const limits = [MAX_PROCESSES, openFiles, fileBytes / 1024, dataBytes / 1024].map(String)
  return ['/bin/bash', '-c', script, 'box', ...limits, INSIDE.node, `${INSIDE.agent}/${AGENT_FILE}`]
}

function systemFlags(): readonly string[] {
  return systemDirectories().flatMap(({ path, link }) =>
    link === undefined ? ['--ro-bind', path, path] : ['--symlink', link, path],
  )
}

function etcFiles(own: string): string[] {
  return [
    ...etcMounts().flatMap(({ source, target }) => ['--ro-bind', source, target]),
    ...readdirSync(own).flatMap((name) => ['--ro-bind', `${own}/${name}`, `/etc/${name}`]),
  ]
}

/** Hides an entry. A file is hidden behind a device of a file system without devices, which cannot be opened. */
function hide({ path, isDirectory }: HiddenEntry): readonly string[] {
  if (!isDirectory) return ['--ro-bind', '/dev/null', path]
  return ['--perms', '000', '--tmpfs', path, '--remount-ro', path]
}
