import { join } from 'node:path'
import type { Program, Spawner, StartedProgram } from '../../processes/spawner.ts'
import { SandboxError } from '../sandbox.ts'

/**
 * Starts the first process of a box, with the agent on its stdio.
 *
 * @param options.directory private directory of the box on the host.
 * @param options.pipes as in `Spawner.start`, like `endsItself`.
 * @throws {SandboxError} `unavailable`
 */
export async function startBoxProgram(
  spawner: Spawner,
  command: Program,
  {
    directory,
    ...options
  }: { readonly directory: string; readonly pipes: number; readonly endsItself?: boolean },
): Promise<StartedProgram> {
  try {
    return await spawner.start(command, { socketPath: join(directory, 'stdio.sock'), ...options })
  } catch (error) {
    throw new SandboxError('unavailable', error instanceof Error ? error.message : String(error))
  }
}
