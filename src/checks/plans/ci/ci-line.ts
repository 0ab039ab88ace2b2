import type { Language } from '../../environment/installed-toolchains.ts'

/** One command that a job of CI runs, or that a text for people names. */
export interface CiLine {
  /** Relative to the root: `.github/workflows/ci.yml`, `CONTRIBUTING.md`. */
  readonly file: string
  /** The same for all lines of one job; unique in the repository. */
  readonly job: string
  /** Its name, for people; undefined for a text. */
  readonly jobName?: string | undefined
  /** From 1. */
  readonly line: number
  /** Relative to the root; empty for the root. */
  readonly folder: string
  /** One plain command, without pipes, variables and expressions. */
  readonly command: string
  /** The same, word by word, without quotes. */
  readonly words: readonly string[]
  /** Variables that it gets, `PYTHONPATH=src`, ready for a shell. */
  readonly env: readonly string[]
  /** Its job has containers beside it, or a screen, that a sandbox does not have. */
  readonly needsMore: boolean
  /** Its job runs in one, which may bring programs: where another job runs the same, that one counts. */
  readonly inContainer?: true
}

/** Lines of one step, before anything is left out. */
export interface CiStep {
  readonly file: string
  readonly job: string
  readonly jobName?: string | undefined
  /** Of the first line of the script. */
  readonly line: number
  /** As written; undefined for the root. */
  readonly folder?: string | undefined
  readonly script: string
  /** Those that its commands get here. */
  readonly env: Readonly<Record<string, string>>
  /** All variables that the script may name; those of `env` if it is left out. */
  readonly variables?: Readonly<Record<string, string>> | undefined
  readonly needsMore: boolean
  readonly inContainer?: true
  /** The folder that its job checks the repository out to, if it is not the usual one. */
  readonly checkout?: string | undefined
}

/** A version that a step of CI installs, of a language or of another tool: `php`. */
export type CiVersion = {
  readonly file: string
  /** One of them will do: a matrix has several. */
  readonly anyOf: readonly string[]
} & ({ readonly language: Language } | { readonly tool: string })

/** What CI says. */
export interface CiSteps {
  readonly steps: readonly CiStep[]
  readonly versions: readonly CiVersion[]
}
