import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

// Compiled code from an earlier start halves the next one. It is kept beside the packages, where only who may change the
// code may write; where nobody may (a read-only image), nothing is kept, and nothing fails.
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/backspace'))
