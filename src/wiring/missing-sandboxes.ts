import type { Config } from '../config.ts'

/**
 * Why this process cannot execute runs, for its log. A container often may not create the namespaces of a local
 * sandbox, and the operator should learn that before the first run does.
 *
 * @returns undefined if local sandboxes work, or none are used here.
 */
export async function missingSandboxes({ path, role, sandbox }: Config): Promise<string | undefined> {
  if (role === 'web' || sandbox.kind !== 'local') return undefined
  const { probeLocalSandbox } = await import('../sandbox/local/probe-local-sandbox.ts')
  const probe = await probeLocalSandbox({ path })
  return probe.available ? undefined : `No run can work here. ${probe.message}`
}
