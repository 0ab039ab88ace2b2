import { chmod, copyFile, link, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AgentProgram } from './agent-program.ts'
import { type HostUser, isOpenToAll } from './host-user.ts'

/** Files of `/etc` that a box has of its own: one user, one host name, nothing about this machine. */
const ETC: Readonly<Record<string, string>> = {
  passwd:
    'root:x:0:0:root:/:/usr/sbin/nologin\nuser:x:1000:1000:user:/home/user:/bin/bash\n' +
    'nobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n',
  group: 'root:x:0:\nuser:x:1000:\nnogroup:x:65534:\n',
  hosts: '127.0.0.1 localhost sandbox\n::1 localhost\n',
  // Names no DNS server, so an unknown host is unknown for good, as tests expect, and not only for the moment.
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
}

/** Files of the host that a box gets, readable by its user. */
export interface StagedRuntime {
  readonly node: string
  readonly agent: string
  readonly etc: string
}

/** Puts a box's own files into its private directory. Node.js itself, 100 MB, is copied only if it must be. */
export async function stageRuntime(options: {
  readonly directory: string
  readonly node: string
  readonly program: AgentProgram
  readonly user: HostUser | undefined
}): Promise<StagedRuntime> {
  const agent = join(options.directory, 'agent')
  const etc = join(options.directory, 'etc')
  await Promise.all([writeAll(agent, options.program), writeAll(etc, ETC)])
  const reachable = options.user === undefined || (await isOpenToAll(options.node))
  return { node: reachable ? options.node : await copyNode(options), agent, etc }
}

/** Makes the files readable for every user, whatever umask the service runs with. */
async function writeAll(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(directory)
  await chmod(directory, 0o755)
  async function write([name, text]: [string, string]): Promise<void> {
    await writeFile(join(directory, name), text)
    await chmod(join(directory, name), 0o644)
  }
  await Promise.all(Object.entries(files).map(write))
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
