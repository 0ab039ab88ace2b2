import { onTestFinished } from 'vitest'
import { createLocalSandboxProvider } from '../../../src/sandbox/local/local-sandbox.ts'
import type { Sandbox } from '../../../src/sandbox/sandbox.ts'
import { sharedSpawner } from '../../support/shared-spawner.ts'

export interface OpenedWorkspace {
  readonly sandbox: Sandbox
  readonly workspace: string
  readonly baseSha: string
  /** Runs a command in the workspace; fails the test when it fails. */
  readonly sh: (command: string) => Promise<string>
  readonly read: (path: string) => Promise<string>
  readonly write: (path: string, content: string | Uint8Array) => Promise<void>
}

/** Makes the repository with as few processes as there can be, and prints its commit. */
const BEGIN = `set -e
mkdir -p "$W"; cd "$W"
git init -q -b main --template=
printf '[user]\\nname = Ada\\nemail = ada@example.org\\n[gc]\\nauto = 0\\n[maintenance]\\nauto = false\\n' >> .git/config
git add -A
git commit -q --allow-empty -m Begin
echo "$(<.git/refs/heads/main)"`

/** A real sandbox with a real git repository of these files, one commit; ends with the test. */
export async function openWorkspace(
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<OpenedWorkspace> {
  const provider = createLocalSandboxProvider({
    mode: 'unconfined',
    deployment: 'test',
    spawner: sharedSpawner,
  })
  const sandbox = await provider.create({ runId: 'r', timeoutMs: 600_000, egress: { allowHosts: [] } })
  onTestFinished(() => sandbox.kill())
  const workspace = `${sandbox.home}/workspace`
  const sh = async (command: string) => {
    const result = await sandbox.exec(command, { cwd: workspace })
    if (result.exitCode !== 0) throw new Error(`${command}: ${result.stdout}${result.stderr}`)
    return result.stdout.trim()
  }
  const write = async (path: string, content: string | Uint8Array) =>
    sandbox.writeFile(
      `${workspace}/${path}`,
      typeof content === 'string' ? new TextEncoder().encode(content) : content,
    )
  for (const [path, content] of Object.entries(files)) await write(path, content)
  const begun = await sandbox.exec(BEGIN, { env: { W: workspace } })
  if (begun.exitCode !== 0) throw new Error(`${begun.stdout}${begun.stderr}`)
  return {
    sandbox,
    workspace,
    baseSha: begun.stdout.trim(),
    sh,
    write,
    read: async (path) => new TextDecoder().decode(await sandbox.readFile(`${workspace}/${path}`)),
  }
}
