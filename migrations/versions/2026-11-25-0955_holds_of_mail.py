"""holds of mail

Revision ID: mail_holds
Revises: objections
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.base


revision = 'mail_holds'
down_revision = 'objections'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('mail_hold',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('scope', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('value', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('held_at', models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_mail_hold_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_hold')),
    sa.UniqueConstraint('scope', 'value', name=op.f('uq_mail_hold_scope_value'))
    )


def downgrade() -> None:
    op.drop_table('mail_hold')
