import { COMPILED_KITS } from './compiled-kits.ts'
import type { Kit } from './kit.ts'
import { NODE_KITS } from './node-kits.ts'
import { PYTEST, UNITTEST } from './python-kits.ts'

/** One project in each language, with each of its usual test runners. */
export const KITS: readonly Kit[] = [...NODE_KITS, UNITTEST, PYTEST, ...COMPILED_KITS]
