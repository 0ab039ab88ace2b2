import { inlineCode } from '../../text/markdown/fenced.ts'
import type { ProjectPlan, RepositoryPlan } from './plan.ts'

const MOST = 5

/** Sentences for people on the projects that are checked before the agent starts. */
interface BaselineNotes {
  /** Projects with tests whose tools are not installed in the sandbox. */
  readonly lacking: readonly string[]
  /** Sources that disagree, and which one counts. */
  readonly disagreements: readonly string[]
}

/** Describes the projects that are checked before the agent starts; empty if the settings name the checks. */
export function describeBaseline({ baseline, said }: RepositoryPlan): BaselineNotes {
  if (said !== undefined) return { lacking: [], disagreements: [] }
  return {
    lacking: baseline.flatMap(describeMissing).slice(0, MOST),
    disagreements: [...new Set(baseline.flatMap(({ disagreements = [] }) => disagreements))].slice(0, MOST),
  }
}

function describeMissing({ folder, ecosystem, checks, missing = [] }: ProjectPlan): readonly string[] {
  const [first] = checks
  if (first === undefined || missing.length === 0) return []
  const tools = missing.map((tool) => inlineCode(tool, 40)).join(', ')
  const where = folder === '' ? 'The repository' : inlineCode(folder, 80)
  const language = ecosystem === 'CI' || ecosystem === 'make' ? '' : ` for ${ecosystem}`
  const are = missing.length === 1 ? 'is' : 'are'
  return [
    `${where} has tests${language} (${inlineCode(first.inFolder, 120)}), and ${tools} ${are} not installed in this sandbox.`,
  ]
}
