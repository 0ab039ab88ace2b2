import { readdir, readFile, readlink } from 'node:fs/promises'

/**
 * Which of these processes holds the near end of a connection from `port`, by what Linux says of its sockets;
 * undefined when none does, or when this is not Linux.
 */
export async function findCaller(port: number, pids: readonly number[]): Promise<number | undefined> {
  const inodes = await inodesOf(port)
  if (inodes.size === 0) return undefined
  for (const pid of pids) {
    const sockets = await socketsOf(pid)
    if (sockets.some((inode) => inodes.has(inode))) return pid
  }
  return undefined
}

async function inodesOf(port: number): Promise<ReadonlySet<string>> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => '')),
  )
  const rows = tables.flatMap((table) => table.split('\n').slice(1)).map((row) => row.trim().split(/\s+/))
  return new Set(rows.filter(([, local]) => local?.endsWith(`:${hex}`)).flatMap((row) => row[9] ?? []))
}

async function socketsOf(pid: number): Promise<string[]> {
  const directory = `/proc/${pid}/fd`
  const names = await readdir(directory).catch(() => [])
  const targets = await Promise.all(names.map((name) => readlink(`${directory}/${name}`).catch(() => '')))
  return targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? [])
}
