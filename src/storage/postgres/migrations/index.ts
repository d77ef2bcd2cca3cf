import { InitialSchema1790000000000 } from './1790000000000-initial-schema.js';

/** In their order. */
export const MIGRATIONS = [InitialSchema1790000000000];
