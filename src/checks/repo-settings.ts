import { z } from 'zod'
import { parseYaml } from '../text/parse-yaml.ts'
import type { WantedMinutes } from './command-limits.ts'
import type { Project } from './project.ts'

/** Where a repository says what Backspace is to do; the first that exists counts. */
export const SETTINGS_PATHS = ['.github/backspace.yml', '.github/backspace.yaml'] as const

const commands = z
  .union([z.string(), z.array(z.string())])
  .nullish()
  .transform((value) => {
    if (value === undefined || value === null) return undefined
    return (typeof value === 'string' ? [value] : value)
      .map((line) => line.trim())
      .filter((line) => line !== '')
  })
const minutes = z.number().positive().nullish()
const schema = z.object({
  setup: commands,
  checks: commands,
  'setup-minutes': minutes,
  'check-minutes': minutes,
})

/** The repository's own settings for its commands. `[]` means: run nothing, and do not guess. */
interface RepoSettings {
  /** Undefined if there is no settings file. */
  readonly path?: string
  readonly setup?: readonly string[] | undefined
  readonly checks?: readonly string[] | undefined
  /** How long setup, and each check, may take. */
  readonly minutes?: WantedMinutes | undefined
  /** One sentence on why the file was ignored. */
  readonly problem?: string
}

/** Reads `.github/backspace.yml`. Mistakes in it are reported and never fatal; unknown keys are ignored. */
export async function readRepoSettings(project: Project): Promise<RepoSettings> {
  const path = SETTINGS_PATHS.find((candidate) => project.files.has(candidate))
  if (path === undefined) return {}
  const text = await project.read(path)
  if (text === undefined) return { path, problem: `${path} was ignored: it is larger than 1 MiB.` }
  try {
    const parsed = schema.safeParse(parseYaml(text) ?? {})
    if (parsed.success) {
      const { setup, checks, 'setup-minutes': setupMinutes, 'check-minutes': checkMinutes } = parsed.data
      const minutes = { setup: setupMinutes ?? undefined, check: checkMinutes ?? undefined }
      return { path, setup, checks, minutes }
    }
    const [issue] = parsed.error.issues
    const where = issue?.path.join('.') || 'its content'
    const what = where.endsWith('-minutes')
      ? 'a number of minutes above 0'
      : 'a command or a list of commands'
    return { path, problem: `${path} was ignored: ${where} must be ${what}.` }
  } catch {
    return {
      path,
      problem: `${path} was ignored: it is not valid YAML, larger than 8 KiB or nested too deeply.`,
    }
  }
}
