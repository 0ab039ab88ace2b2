import type { Project } from '../../project.ts'
import { calledRules, type Recipes, readRecipes, recipeFile } from '../recipe-file.ts'
import type { CiLine, CiStep } from './ci-line.ts'
import { startsService } from './ci-services.ts'
import { saidLines } from './said-lines.ts'
import { linesOfStep } from './script-lines.ts'

const MOST_FILES = 8
const MANIFESTS = ['pyproject.toml', 'setup.py', 'setup.cfg', 'tox.ini', 'requirements.txt', 'Pipfile']

/**
 * Returns a function that reads the target of make or the recipe of just that a line of CI calls, with its dependencies, and
 * returns the Python lines in the same folder. In compiled languages, such targets are often just other builds of the same.
 */
export function recipeReader(
  project: Project,
  scriptsOf: (step: CiStep) => Promise<readonly CiStep[]>,
): (line: CiLine, step: CiStep) => Promise<readonly CiLine[]> {
  const known = new Map<string, Recipes | undefined>()
  return async ({ words, folder, needsMore }, step) => {
    const program = /^g?make$/.test(words[0] ?? '') ? 'make' : words[0] === 'just' ? 'just' : undefined
    const has = (name: string) => project.files.has(inside(folder, name))
    const name = program && recipeFile(has, program)
    if (
      program === undefined ||
      name === undefined ||
      !MANIFESTS.some(has) ||
      words.some((word) => /^-[Cf]|^--(?:directory|file)/.test(word))
    )
      return []
    const file = inside(folder, name)
    if (!known.has(file)) {
      if (known.size >= MOST_FILES) return []
      const text = await project.read(file)
      known.set(file, text === undefined ? undefined : readRecipes(text, program))
    }
    const recipes = known.get(file)
    if (recipes === undefined) return []
    const called = calledRules(recipes, words.slice(1))
    const steps = called.map(({ line, script }) => {
      const isMore = needsMore || script.split('\n').some(startsService)
      return { ...step, file, line, folder, script, needsMore: isMore }
    })
    const scripts = await Promise.all(steps.map(scriptsOf))
    const lines = [...steps, ...scripts.flat()].flatMap(linesOfStep)
    return saidLines(lines).filter((one) => one.ecosystem === 'Python' && one.folder === folder)
  }
}

function inside(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}
