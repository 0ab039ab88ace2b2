import type { Language } from '../../environment/installed-toolchains.ts'

/** One command that a job of CI runs, or that a text for people names. */
export interface CiLine {
  /** Path relative to the root: `.github/workflows/ci.yml`, `CONTRIBUTING.md`. */
  readonly file: string
  /** Id of the job, which all of its lines share; unique in the repository. */
  readonly job: string
  /** The job's name for people; undefined for a text. */
  readonly jobName?: string | undefined
  /** Line number in the file, from 1. */
  readonly line: number
  /** The folder in which it runs, relative to the root; empty for the root. */
  readonly folder: string
  /** One plain command, without pipes, variables and expressions. */
  readonly command: string
  /** The words of the command, without quotes. */
  readonly words: readonly string[]
  /** Variables that the command gets, ready for a shell: `PYTHONPATH=src`. */
  readonly env: readonly string[]
  /** True if its job has services, browsers or a screen, which a sandbox lacks. */
  readonly needsMore: boolean
  /** True if its job runs in a container, which may have more programs. If another job runs the same command, that one counts. */
  readonly inContainer?: true
}

/** One step of a job, whose script is not yet split into plain commands. */
export interface CiStep {
  readonly file: string
  readonly job: string
  readonly jobName?: string | undefined
  /** Line number of the script's first line in the file, from 1. */
  readonly line: number
  /** The working directory as the file has it; undefined for the root. */
  readonly folder?: string | undefined
  readonly script: string
  /** Variables that its commands also get in a sandbox. */
  readonly env: Readonly<Record<string, string>>
  /** All variables that the script may refer to; default: `env`. */
  readonly variables?: Readonly<Record<string, string>> | undefined
  readonly needsMore: boolean
  readonly inContainer?: true
  /** The folder into which its job checks the repository out; undefined for the usual one. */
  readonly checkout?: string | undefined
}

/** A version that a step of CI installs, of a language or of another tool: `php`. */
export type CiVersion = {
  readonly file: string
  /** The versions, of a matrix possibly several. One of them is enough. */
  readonly anyOf: readonly string[]
} & ({ readonly language: Language } | { readonly tool: string })

/** The steps and versions that a file of CI has. */
export interface CiSteps {
  readonly steps: readonly CiStep[]
  readonly versions: readonly CiVersion[]
}
