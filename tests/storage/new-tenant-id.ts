let tenants = 0;

/** A tenant that no other test knows. */
export const newTenantId = (): string => `ten_01J8B000000000000000${String(++tenants).padStart(6, '0')}`;
