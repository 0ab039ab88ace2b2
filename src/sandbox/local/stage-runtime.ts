import { chmod, copyFile, cp, link, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type HostUser, isOpenToAll } from './host-user.ts'

const AGENT_SOURCES = fileURLToPath(new URL('../box/', import.meta.url))

/** A box's own system files: one user, one host name, nothing about this machine. */
const ETC: Readonly<Record<string, string>> = {
  passwd:
    'root:x:0:0:root:/:/usr/sbin/nologin\nuser:x:1000:1000:user:/home/user:/bin/bash\n' +
    'nobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n',
  group: 'root:x:0:\nuser:x:1000:\nnogroup:x:65534:\n',
  hosts: '127.0.0.1 localhost sandbox\n::1 localhost\n',
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
}

/** Files of the host that a box gets as its own, readable by its user. */
export interface StagedRuntime {
  readonly node: string
  readonly agent: string
  readonly etc: string
}

/**
 * Puts a box's own files into its private directory. The box's user may not be able to read the sources (below `/root`),
 * so they are copied; Node.js itself, 100 MB, only if necessary.
 */
export async function stageRuntime(options: {
  readonly directory: string
  readonly node: string
  readonly user: HostUser | undefined
}): Promise<StagedRuntime> {
  const agent = join(options.directory, 'agent')
  const etc = join(options.directory, 'etc')
  await cp(AGENT_SOURCES, agent, { recursive: true })
  await mkdir(etc)
  for (const [name, text] of Object.entries(ETC)) await writeFile(join(etc, name), text, { mode: 0o644 })
  const reachable = options.user === undefined || (await isOpenToAll(options.node))
  return { node: reachable ? options.node : await copyNode(options), agent, etc }
}

async function copyNode({
  node,
  directory,
}: {
  readonly node: string
  readonly directory: string
}): Promise<string> {
  const copy = join(directory, 'node')
  await link(node, copy).catch(() => copyFile(node, copy)) // Links do not work across file systems.
  await chmod(copy, 0o755)
  return copy
}
