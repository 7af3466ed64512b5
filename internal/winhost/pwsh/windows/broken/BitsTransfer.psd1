# A manifest that an accident has cut off.
@{
    RootModule = 'BitsTransfer.psm1'
