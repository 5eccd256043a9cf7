"""Files and folders in, typed examples out: what models are trained with and measured on."""
