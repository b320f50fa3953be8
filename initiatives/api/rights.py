"""The rights that several resources of initiatives ask for."""

from accounts.rights import Right

EDIT = (Right.EDIT_INITIATIVES, Right.EDIT_OWN_INITIATIVES)
PROPOSE = (Right.PROPOSE_TARGETS, *EDIT)
