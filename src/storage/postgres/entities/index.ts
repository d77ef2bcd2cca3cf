export const ENTITIES: (abstract new () => object)[] = [];
