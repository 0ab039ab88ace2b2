import { createHash } from 'node:crypto'
import type { RepoEnvironment } from '../../checks/environment/environment.ts'
import { setupReadsSource } from '../../checks/plans/reads-source.ts'
import type { Project } from '../../checks/project.ts'
import type { SetupFinishedEvent } from '../../runs/run-event.ts'
import type { SetupEntry } from '../../setup-cache/setup-cache-store.ts'
import { durationText } from '../../text/amounts.ts'
import type { BegunWith } from './reuse-setup.ts'

/** Whether a cached setup is what the commands would make. */
export async function fits(
  cached: SetupEntry,
  {
    project,
    commands,
    variables,
    tree,
  }: {
    readonly project: Project
    readonly commands: readonly string[]
    readonly variables: string
    readonly tree: string
  },
): Promise<boolean> {
  const same =
    cached.variables === variables &&
    cached.commands.length === commands.length &&
    cached.commands.every((command, index) => command === commands[index])
  return same && (cached.tree === tree || !(await setupReadsSource(project, commands)))
}

/** A hash of the environment's variables. They may come from the owner's repository, whose files the cache key ignores. */
export function variablesId({ variables, path }: RepoEnvironment): string {
  const facts = [Object.entries(variables).sort(), path]
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex')
}

/** The time that the cache saved, with the commands: how long setup took without it. */
export function savedText({ setupMs, commands }: SetupEntry): string {
  return `${durationText(setupMs)} (${commands.map((command) => `\`${command}\``).join(', ')})`
}

/** Says what the cache contributed to setup commands that ran. */
export function cacheText({ entry }: BegunWith): string {
  if (entry === undefined) return 'the setup cache has nothing that fits'
  return `it began with the setup cache; without, it took ${durationText(entry.setupMs)}`
}

export function cacheOf(begunWith: BegunWith | undefined): SetupFinishedEvent['cache'] {
  if (begunWith === undefined) return undefined
  const { entry } = begunWith
  return entry ? { result: 'begun', savedMs: entry.setupMs } : { result: 'miss', savedMs: 0 }
}
