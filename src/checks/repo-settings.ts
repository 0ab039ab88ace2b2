import { parse } from 'yaml'
import { z } from 'zod'
import type { Project } from './project.ts'

const SETTINGS_PATHS = ['.github/backspace.yml', '.github/backspace.yaml'] as const

const commands = z
  .union([z.string(), z.array(z.string())])
  .nullish()
  .transform((value) => {
    if (value === undefined || value === null) return undefined
    return (typeof value === 'string' ? [value] : value)
      .map((line) => line.trim())
      .filter((line) => line !== '')
  })
const schema = z.object({ setup: commands, checks: commands })

/** What the repository itself says about its commands. `[]` means "nothing, and do not guess". */
export interface RepoSettings {
  /** Which file it is; undefined when there is none. */
  readonly path?: string
  readonly setup?: readonly string[] | undefined
  readonly checks?: readonly string[] | undefined
  /** One sentence on why the file could not be used. */
  readonly problem?: string
}

/** Reads `.github/backspace.yml`. A mistake in it is reported and never fatal; unknown keys are ignored. */
export async function readRepoSettings(project: Project): Promise<RepoSettings> {
  const path = SETTINGS_PATHS.find((candidate) => project.files.has(candidate))
  if (path === undefined) return {}
  const text = await project.read(path)
  if (text === undefined) return { path, problem: `${path} is too large to be read; it was ignored.` }
  try {
    const parsed = schema.safeParse(parse(text, { maxAliasCount: 100 }) ?? {})
    if (parsed.success) return { path, ...parsed.data }
    const [issue] = parsed.error.issues
    const where = issue?.path.join('.') || 'its content'
    return { path, problem: `${path} was ignored: ${where} must be a command or a list of commands.` }
  } catch {
    return { path, problem: `${path} was ignored: it is not valid YAML.` }
  }
}
